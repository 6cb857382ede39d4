import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { S3Error, type S3ErrorCode } from './s3-error.ts'

export const algorithm = 'AWS4-HMAC-SHA256'

/** `<accessKeyId>/<yyyymmdd>/<region>/s3/aws4_request` */
export interface CredentialScope {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
}

/** Throws `code` when the scope is malformed or names another region or service than this server's. */
export const parseCredential = (credential: string, region: string, code: S3ErrorCode): CredentialScope => {
  const [accessKeyId, date, scopeRegion, service, terminator, ...rest] = credential.split('/')
  if (!accessKeyId || !/^\d{8}$/.test(date ?? '') || terminator !== 'aws4_request' || rest.length > 0) {
    throw new S3Error(
      code,
      'The credential is malformed; expecting "<key>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    )
  }
  if (scopeRegion !== region) {
    throw new S3Error(code, `The region '${scopeRegion}' is wrong; expecting '${region}'`, { Region: region })
  }
  if (service !== 's3') throw new S3Error(code, `The service '${service}' is wrong; expecting 's3'`)
  return { accessKeyId, date: date ?? '', region }
}

/** Milliseconds since the epoch of `20260131T235959Z`; undefined when it is no such date. */
export const parseAmzDate = (text: string): number | undefined => {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second] = match
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time) ? undefined : time
}

/** RFC 3986 encoding as SigV4 defines it: everything but the unreserved characters. */
export const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The hex signature of `text` under the key that SigV4 derives from the secret and the scope. */
export const signature = (secret: string, scope: CredentialScope, text: string): string => {
  const dateKey = hmac(`AWS4${secret}`, scope.date)
  const signingKey = hmac(hmac(hmac(dateKey, scope.region), 's3'), 'aws4_request')
  return hmac(signingKey, text).toString('hex')
}

/** Throws SignatureDoesNotMatch; compares in constant time. */
export const assertSignature = (expected: string, given: string): void => {
  const a = Buffer.from(expected)
  const b = Buffer.from(given)
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new S3Error('SignatureDoesNotMatch')
}

export interface SignedRequest {
  readonly method: string
  readonly path: string
  readonly parameters: ReadonlyMap<string, string>
  readonly headers: ReadonlyMap<string, string>
  readonly signedHeaders: readonly string[]
  readonly payloadHash: string
}

/** The string to sign of a request (SigV4 for S3: the path is encoded once and never normalised). */
export const stringToSign = (request: SignedRequest, amzDate: string, scope: CredentialScope): string => {
  const query = [...request.parameters]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .sort()
  const headers = request.signedHeaders.map(
    (name) => `${name}:${(request.headers.get(name) ?? '').trim().replace(/\s+/g, ' ')}\n`,
  )
  const canonical = [
    request.method,
    request.path.split('/').map(encodeRfc3986).join('/'),
    query.join('&'),
    headers.join(''),
    request.signedHeaders.join(';'),
    request.payloadHash,
  ].join('\n')
  const hash = createHash('sha256').update(canonical).digest('hex')
  return [algorithm, amzDate, `${scope.date}/${scope.region}/s3/aws4_request`, hash].join('\n')
}
