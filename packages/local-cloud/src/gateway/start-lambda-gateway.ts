import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { InvocableFunction } from '../lambda/invocation.ts'
import type { Door, ServiceFault } from './authorize.ts'
import { callerOf } from './caller-of.ts'
import type { Gateway } from './start-json-gateway.ts'

/** A function as Lambda's API reaches it. */
export interface InvocationTarget {
  readonly function: InvocableFunction
  /** The event queue in front of it; resolves when the event is queued. */
  readonly asynchronous: { accept(event: unknown): Promise<unknown> }
}

export interface LambdaGatewayOptions {
  readonly port?: number
  /** The ARN that a name stands for, whether or not there is such a function: permission comes before existence. */
  arnOf(functionName: string): string
  /** By name; undefined when the template has no such function. */
  targetOf(functionName: string): InvocationTarget | undefined
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  readonly errorCode?: string
}

/** Puts Lambda's `Invoke` behind the door, on a loopback port; the API has no other operation here (Lambda API, "Invoke"). */
export const startLambdaGateway = async (door: Door, options: LambdaGatewayOptions): Promise<Gateway> => {
  const server = createServer((request, response) => {
    handle(door, options, request, response).catch((error: unknown) =>
      send(response, faultAnswer({ status: 500, code: 'ServiceException', message: String(error) })),
    )
  })
  // A synchronous invocation answers when the function has.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const handle = async (
  door: Door,
  options: LambdaGatewayOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await buffer(request)
  const caller = callerOf(request)
  if (caller === undefined) return send(response, faultAnswer(missingToken))
  const functionName = invokedFunction(request)
  if (functionName === undefined) return send(response, faultAnswer(unknownOperation(request)))

  const admission = await door.enter({
    service: 'lambda',
    operation: 'Invoke',
    ...caller,
    actions: [{ action: 'lambda:InvokeFunction', resource: options.arnOf(functionName) }],
    input: { FunctionName: functionName, InvocationType: request.headers['x-amz-invocation-type'] },
  })
  if (admission.verdict === 'refused') return send(response, faultAnswer(admission.fault))
  if (admission.verdict === 'lost') return void response.destroy()

  const answer = await invoke(options, functionName, request, body)
  const departure = await admission.leave({
    status: answer.status,
    ...(answer.errorCode !== undefined && { errorCode: answer.errorCode }),
    requestBytes: body.byteLength,
    responseBytes: Buffer.byteLength(answer.body),
  })
  switch (departure.kind) {
    case 'answer':
      return send(response, answer)
    case 'fail':
      return send(response, faultAnswer(departure.fault))
    case 'hang up':
      return void response.destroy()
    default:
      return departure satisfies never
  }
}

/** `POST /2015-03-31/functions/<name or ARN>/invocations`; `$LATEST` is the only version. */
const invokedFunction = ({ method, url = '' }: IncomingMessage): string | undefined => {
  const { pathname, searchParams } = new URL(url, 'http://lambda')
  const [, named] = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/.exec(pathname) ?? []
  if (method !== 'POST' || named === undefined) return undefined
  if (!['$LATEST', null].includes(searchParams.get('Qualifier'))) return undefined
  return decodeURIComponent(named)
    .replace(/^(arn:.*:|\d+:)function:/, '')
    .replace(/:\$LATEST$/, '')
}

const invoke = async (
  { targetOf, arnOf }: LambdaGatewayOptions,
  functionName: string,
  { headers }: IncomingMessage,
  body: Buffer,
): Promise<Answer> => {
  const target = targetOf(functionName)
  if (target === undefined)
    return faultAnswer({
      status: 404,
      code: 'ResourceNotFoundException',
      message: `Function not found: ${arnOf(functionName)}`,
    })
  let event: unknown
  try {
    event = JSON.parse(body.toString() || 'null')
  } catch (error) {
    return faultAnswer({
      status: 400,
      code: 'InvalidRequestContentException',
      message: `Could not parse request body into json: ${error instanceof Error ? error.message : error}`,
    })
  }
  switch (headers['x-amz-invocation-type'] ?? 'RequestResponse') {
    case 'Event':
      await target.asynchronous.accept(event)
      return { status: 202, body: '' }
    case 'RequestResponse':
      return answerOf(await target.function.invoke(event))
    default:
      return faultAnswer({
        status: 400,
        code: 'InvalidParameterValueException',
        message: 'The invocation type is RequestResponse or Event here',
      })
  }
}

const answerOf = (invocation: Awaited<ReturnType<InvocableFunction['invoke']>>): Answer => {
  if (invocation.outcome === 'throttled')
    return faultAnswer({
      status: 429,
      code: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      details: { Reason: 'ConcurrentInvocationLimitExceeded' },
    })
  return {
    status: 200,
    body: JSON.stringify(invocation.payload) ?? 'null',
    headers: {
      'x-amz-executed-version': '$LATEST',
      ...(invocation.outcome === 'failed' && { 'x-amz-function-error': 'Unhandled' }),
    },
  }
}

const send = (response: ServerResponse, { status, body, headers }: Answer): void => {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-amzn-requestid': randomUUID(),
      ...headers,
    })
    .end(body)
}

const faultAnswer = ({ status, code, message, details }: ServiceFault): Answer => ({
  status,
  errorCode: code,
  // The SDK reads the message under this name, in lower case.
  body: JSON.stringify({ Type: status >= 500 ? 'Service' : 'User', message, ...details }),
  headers: { 'x-amzn-errortype': code },
})

const missingToken: ServiceFault = {
  status: 403,
  code: 'MissingAuthenticationTokenException',
  message: 'Missing Authentication Token',
}

const unknownOperation = ({ method, url }: IncomingMessage): ServiceFault => ({
  status: 404,
  code: 'UnknownOperationException',
  message: `The local cloud does not offer lambda: ${method} ${url}`,
})
