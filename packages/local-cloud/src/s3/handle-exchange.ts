import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Door } from '../gateway/authorize.ts'
import {
  answerBytes,
  discardAnswer,
  type ErrorAnswer,
  errorAnswer,
  faultAnswer,
  writeAnswer,
} from './answer.ts'
import { corsHeaders, preflight } from './cors.ts'
import { identify } from './identify.ts'
import { requestBody } from './request-body.ts'
import { parseTarget } from './request-target.ts'
import { operationOf } from './routes.ts'
import type { S3Answer, S3Call, S3Service } from './s3-call.ts'

type Reply = S3Answer | ErrorAnswer | 'hang up'

/** Node gives header bytes as Latin-1; S3 reads them as UTF-8. */
const headersOf = (request: IncomingMessage): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, Buffer.from(value, 'latin1').toString('utf8')] as const] : [],
    ),
  )

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
  const requestId = randomBytes(8).toString('hex').toUpperCase()
  const method = request.method ?? ''
  const headers = headersOf(request)
  const body = requestBody(request, response, awaitsContinue)
  const finished = new AbortController()
  let resource = '/'
  let readableBy: Readonly<Record<string, string>> = {}

  const serve = async (): Promise<Reply> => {
    const target = parseTarget(request.url ?? '', headers.get('host'))
    resource = target.path
    const bucket = target.bucket === undefined ? undefined : service.buckets.get(target.bucket)
    if (method === 'OPTIONS') return preflight(bucket, headers)
    readableBy = corsHeaders(bucket, headers, method)
    const operation = operationOf(method, target, headers.has('x-amz-copy-source'))
    const verifier = {
      region: service.environment.region,
      secretOf: (accessKeyId: string) => door.secretOf(accessKeyId),
      now: () => service.clock.now(),
    }
    const identified = await identify(
      verifier,
      {
        operation,
        method,
        target,
        headers,
        bucket,
        chunks: body.chunks,
        account: service.environment.account,
      },
      finished.signal,
    )
    const s3Request = {
      ...identified,
      requestId,
      accessKeyId: identified.caller.accessKeyId,
      sourceIp: request.socket.remoteAddress ?? '',
      parameters: target.parameters,
    }
    const admission = await door.enter({
      service: 's3',
      operation: operation.name,
      accessKeyId: s3Request.accessKeyId,
      ...(identified.caller.sessionToken !== undefined && { sessionToken: identified.caller.sessionToken }),
      actions: operation.actions(s3Request, service.environment),
    })
    if (admission.verdict === 'lost') return 'hang up'
    if (admission.verdict === 'refused') return faultAnswer(admission.fault, resource, requestId)

    const call: S3Call = { ...s3Request, permits: (action) => admission.permits(action) }
    let answer: S3Answer | ErrorAnswer
    try {
      answer = await operation.perform(service, call)
    } catch (error) {
      answer = errorAnswer(error, resource, requestId)
    }
    const departure = await admission.leave({
      status: answer.status,
      ...('errorCode' in answer && { errorCode: answer.errorCode }),
      requestBytes: body.bytesRead(),
      responseBytes: method === 'HEAD' ? 0 : answerBytes(answer),
    })
    if (departure.kind === 'answer') return answer
    discardAnswer(answer)
    return departure.kind === 'hang up' ? 'hang up' : faultAnswer(departure.fault, resource, requestId)
  }

  let reply: Reply
  try {
    reply = await serve()
  } catch (error) {
    reply = errorAnswer(error, resource, requestId)
  }
  finished.abort()
  if (reply === 'hang up') {
    request.socket.destroy()
    return
  }
  body.discard()
  await writeAnswer(response, reply, { ...readableBy, 'x-amz-request-id': requestId, server: 'AmazonS3' })
}
