import { authenticate, type Caller, type Verifier } from './authenticate.ts'
import type { Bucket } from './bucket.ts'
import { type IncomingBody, incomingBody } from './incoming-body.ts'
import { openPostForm } from './post-form.ts'
import { authenticateForm, postObject } from './post-object.ts'
import type { RequestTarget } from './request-target.ts'
import type { S3Operation } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { assertSupportedHeaders } from './supported-headers.ts'

export interface UnidentifiedRequest {
  readonly operation: S3Operation
  readonly method: string
  readonly target: RequestTarget
  readonly headers: ReadonlyMap<string, string>
  readonly bucket: Bucket | undefined
  readonly chunks: AsyncIterable<Buffer>
  /** The one that owns every bucket. */
  readonly account: string
}

/** A request as its signer meant it, whether the signature stood in a header, in the query or in a form. */
export interface IdentifiedRequest {
  readonly caller: Caller
  readonly bucket: Bucket
  readonly key: string
  readonly headers: ReadonlyMap<string, string>
  openBody(): IncomingBody
}

/**
 * Finds out who signed a request and refuses it when the signature, its time or a header is not right. `signal` gives up a form that
 * nobody will read to its end. Throws S3Error.
 */
export const identify = async (
  verifier: Verifier,
  { operation, method, target, headers, bucket, chunks, account }: UnidentifiedRequest,
  signal: AbortSignal,
): Promise<IdentifiedRequest> => {
  const existing = (): Bucket => {
    if (bucket !== undefined) return bucket
    throw new S3Error('NoSuchBucket', undefined, { BucketName: target.bucket ?? '' })
  }
  if (operation === postObject) {
    const { name } = existing()
    if (!headers.has('content-length')) throw new S3Error('MissingContentLength')
    const form = await openPostForm(chunks, headers.get('content-type') ?? '', signal)
    const { caller, key, headers: fields, body } = authenticateForm(verifier, form, name)
    assertSupportedHeaders(fields, account)
    return { caller, bucket: existing(), key, headers: fields, openBody: () => body }
  }
  const { path, parameters } = target
  const signed = authenticate(verifier, { method, path, parameters, headers })
  assertSupportedHeaders(signed.headers, account)
  return {
    caller: signed.caller,
    bucket: existing(),
    key: target.key,
    headers: signed.headers,
    openBody: () => incomingBody(chunks, signed.headers, signed.payloadHash),
  }
}
