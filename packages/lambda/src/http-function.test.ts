import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { expect, test } from 'vitest'
import { capturedOutput } from './captured-output.ts'
import { httpFunction } from './http-function.ts'
import { invocationOf } from './invocation-of.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

const aRequest = (headers: Record<string, string>): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: 'POST /orders',
  rawPath: '/orders',
  rawQueryString: 'secret=1',
  headers,
  requestContext: {
    accountId: '000000000000',
    apiId: 'api',
    domainName: 'api.example',
    domainPrefix: 'api',
    http: { method: 'POST', path: '/orders', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
    requestId: 'request-1',
    routeKey: 'POST /orders',
    stage: '$default',
    time: '',
    timeEpoch: 0,
  },
  body: '{"card":"4111"}',
  isBase64Encoded: false,
})

test("gives the handler the caller's trace and correlation id", async () => {
  capturedOutput()
  const seen = await httpFunction(async (_event, cause) => ({
    statusCode: 200,
    body: JSON.stringify(cause),
  }))(
    aRequest({ traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-correlation-id': 'checkout-7' }),
    invocationOf('1'),
  )
  expect(JSON.parse(seen.body ?? '')).toEqual({
    correlationId: 'checkout-7',
    traceparent: expect.stringMatching(new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)[\\da-f]{16}-01$`)),
  })
})

test('logs one line per request, without query, headers or body', async () => {
  const output = capturedOutput()
  await httpFunction(async () => ({ statusCode: 201 }))(
    aRequest({ authorization: 'Bearer x' }),
    invocationOf('1'),
  )
  expect(output.lines()).toMatchObject([
    {
      message: 'Request',
      route: 'POST /orders',
      method: 'POST',
      status: 201,
      correlation_id: 'request-1',
      trace_id: expect.stringMatching(/^[\da-f]{32}$/),
    },
  ])
  expect(JSON.stringify(output.lines())).not.toMatch(/4111|Bearer|secret/)
})
