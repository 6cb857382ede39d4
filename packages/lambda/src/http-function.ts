import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { type Entry, functionStack, logUnder } from './function-stack.ts'
import { logger } from './logger.ts'
import { type TraceContext, traceContext } from './trace-context.ts'

type Handle<E> = (event: E, cause: TraceContext) => Promise<APIGatewayProxyStructuredResultV2>

/** A function behind an HTTP API (payload 2.0). Goes on in the caller's trace and logs one line per request, without query, body or headers. */
export const httpFunction = <E extends APIGatewayProxyEventV2>(
  handle: Handle<E>,
): Entry<E, APIGatewayProxyStructuredResultV2> =>
  functionStack(async (event) => {
    const { headers, requestContext, routeKey } = event
    const cause = traceContext({
      traceparent: headers.traceparent,
      xray: headers['x-amzn-trace-id'],
      correlationId: headers['x-correlation-id'],
      id: requestContext.requestId,
    })
    logUnder(cause)
    const answer = await handle(event, cause)
    logger.info('Request', { route: routeKey, method: requestContext.http.method, status: answer.statusCode })
    return answer
  })
