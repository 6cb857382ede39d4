import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Door } from '../gateway/authorize.ts'
import { answerBytes, discardAnswer, errorAnswer, faultAnswer, writeAnswer } from './answer.ts'
import { corsHeaders, preflight } from './cors.ts'
import { identify } from './identify.ts'
import { type RequestBody, requestBody } from './request-body.ts'
import { parseTarget, type RequestTarget } from './request-target.ts'
import { operationOf } from './routes.ts'
import type { S3Answer, S3Operation, S3Request, S3Service } from './s3-call.ts'

type Reply = S3Answer | 'hang up'

interface Exchange {
  readonly requestId: string
  readonly method: string
  readonly headers: ReadonlyMap<string, string>
  readonly sourceIp: string
  readonly body: RequestBody
  /** Aborted once the reply is known. */
  readonly finished: AbortSignal
}

/** Node gives header bytes as Latin-1; S3 reads them as UTF-8. */
const headersOf = (request: IncomingMessage): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, Buffer.from(value, 'latin1').toString('utf8')] as const] : [],
    ),
  )

/** Passes the door, performs the operation and lets the door decide about its answer. */
const passDoor = async (
  service: S3Service,
  door: Door,
  operation: S3Operation,
  request: S3Request,
  { method, body }: Exchange,
  resource: string,
): Promise<Reply> => {
  const { accessKeyId, sessionToken } = request.caller
  const admission = await door.enter({
    service: 's3',
    operation: operation.name,
    accessKeyId,
    ...(sessionToken !== undefined && { sessionToken }),
    actions: operation.actions(request, service.environment),
  })
  if (admission.verdict === 'lost') return 'hang up'
  if (admission.verdict === 'refused') return faultAnswer(admission.fault, resource, request.requestId)
  let answer: S3Answer
  try {
    answer = await operation.perform(service, { ...request, permits: (action) => admission.permits(action) })
  } catch (error) {
    answer = errorAnswer(error, resource, request.requestId)
  }
  const departure = await admission.leave({
    status: answer.status,
    ...(answer.errorCode !== undefined && { errorCode: answer.errorCode }),
    requestBytes: body.bytesRead(),
    responseBytes: method === 'HEAD' ? 0 : answerBytes(answer),
  })
  if (departure.kind === 'answer') return answer
  discardAnswer(answer)
  return departure.kind === 'hang up' ? 'hang up' : faultAnswer(departure.fault, resource, request.requestId)
}

const serve = async (
  service: S3Service,
  door: Door,
  exchange: Exchange,
  target: RequestTarget,
): Promise<Reply> => {
  const { method, headers, body, finished, requestId, sourceIp } = exchange
  const { environment, clock, buckets } = service
  const bucket = buckets.get(target.bucket ?? '')
  if (method === 'OPTIONS') return preflight(bucket, headers)
  const operation = operationOf(method, target, headers.has('x-amz-copy-source'))
  const verifier = {
    region: environment.region,
    secretOf: (accessKeyId: string) => door.secretOf(accessKeyId),
    now: () => clock.now(),
  }
  const identified = await identify(
    verifier,
    { operation, method, target, headers, bucket, chunks: body.chunks, account: environment.account },
    finished,
  )
  const request = { ...identified, requestId, sourceIp, parameters: target.parameters }
  return passDoor(service, door, operation, request, exchange, target.path)
}

/**
 * Serves one request: who asks, whether they may, what it does, and what the door makes of the answer.
 * Rejects only when an answer could not be written for a reason of this machine.
 */
export const handleExchange = async (
  service: S3Service,
  door: Door,
  request: IncomingMessage,
  response: ServerResponse,
  awaitsContinue: boolean,
): Promise<void> => {
  const finished = new AbortController()
  const exchange: Exchange = {
    requestId: randomBytes(8).toString('hex').toUpperCase(),
    method: request.method ?? '',
    headers: headersOf(request),
    sourceIp: request.socket.remoteAddress ?? '',
    body: requestBody(request, response, awaitsContinue),
    finished: finished.signal,
  }
  const { requestId, method, headers, body } = exchange
  let target: RequestTarget | undefined
  let reply: Reply
  try {
    target = parseTarget(request.url ?? '', headers.get('host'))
    reply = await serve(service, door, exchange, target)
  } catch (error) {
    reply = errorAnswer(error, target?.path ?? '/', requestId)
  }
  finished.abort()
  if (reply === 'hang up') {
    request.socket.destroy()
    return
  }
  body.discard()
  await writeAnswer(response, reply, {
    ...corsHeaders(service.buckets.get(target?.bucket ?? ''), headers, method),
    'x-amz-request-id': requestId,
    server: 'AmazonS3',
  })
}
