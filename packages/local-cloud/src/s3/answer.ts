import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ServiceFault } from '../gateway/authorize.ts'
import type { S3Answer } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { xmlDocument } from './xml.ts'

/** A fault that the door dictates, in S3's shape. */
export const faultAnswer = (
  { status, code, message }: ServiceFault,
  resource: string,
  requestId: string,
  details: Readonly<Record<string, string>> = {},
): S3Answer => ({
  status,
  errorCode: code,
  body: xmlDocument(
    [
      'Error',
      [
        ['Code', code],
        ['Message', message],
        ...Object.entries(details),
        ['Resource', resource],
        ['RequestId', requestId],
        ['HostId', 'local'],
      ],
    ],
    '',
  ),
})

/** Any error as an answer; one that is not S3's own is this server's fault and goes to the standard error too. */
export const errorAnswer = (error: unknown, resource: string, requestId: string): S3Answer => {
  if (error instanceof S3Error) {
    return { ...faultAnswer(error, resource, requestId, error.details), headers: error.headers }
  }
  console.error('The local S3 server failed', error)
  return faultAnswer(new S3Error('InternalError'), resource, requestId)
}

/** Bytes of an answer's body; a stream's length stands in its headers. */
export const answerBytes = ({ body, headers }: S3Answer): number => {
  if (body === undefined) return 0
  return typeof body === 'string' ? Buffer.byteLength(body) : Number(headers?.['content-length'] ?? 0)
}

/** Gives up an answer that will not be sent. */
export const discardAnswer = ({ body }: S3Answer): void => {
  if (body instanceof Readable) body.destroy()
}

/** Writes an answer; resolves when it is out or the client has gone away. */
export const writeAnswer = async (
  response: ServerResponse,
  answer: S3Answer,
  extraHeaders: Readonly<Record<string, string>>,
): Promise<void> => {
  const { status, headers, body } = answer
  if (typeof body === 'string') {
    response.writeHead(status, {
      ...extraHeaders,
      'content-type': 'application/xml',
      'content-length': Buffer.byteLength(body),
      ...headers,
    })
    response.end(body)
    return
  }
  response.writeHead(status, { ...extraHeaders, ...headers })
  if (body === undefined) {
    response.end()
    return
  }
  try {
    await pipeline(body, response)
  } catch (error) {
    // A client that stops reading is no failure of this server.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
      throw error
  }
}
