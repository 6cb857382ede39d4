import { decodeAwsChunked } from './aws-chunked.ts'
import { type ChecksumAlgorithm, checksumAlgorithms, checksumHeader, checksumIn } from './checksum.ts'
import { S3Error } from './s3-error.ts'

/** 5 GB, the most that one PUT, part or form may carry. */
const maxObjectBytes = 5 * 1024 ** 3

/** A request's payload, still on the wire, with everything that was promised about it. */
export interface IncomingBody {
  readonly chunks: AsyncIterable<Buffer>
  /** Bytes; undefined for a form's file, whose size is known only at its end. */
  readonly size: number | undefined
  readonly minSize: number
  readonly maxSize: number
  /** Base64, of `Content-MD5`. */
  readonly md5: string | undefined
  /** Hex, of a signed payload. */
  readonly sha256: string | undefined
  readonly checksum:
    | {
        readonly algorithm: ChecksumAlgorithm
        /** Base64; known only after the last chunk when it stands in the trailer. */
        readonly promised: () => string | undefined
      }
    | undefined
}

const contentLength = (text: string | undefined): number => {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new S3Error('MissingContentLength')
  return Number(text)
}

const contentMd5 = (text: string | undefined): string | undefined => {
  if (text !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(text)) throw new S3Error('InvalidDigest')
  return text
}

/**
 * The promises that headers (or a form's fields, which carry the same names) make about a body, before it is read.
 * Throws InvalidDigest, InvalidRequest.
 */
export const promisesIn = (
  headers: ReadonlyMap<string, string>,
): Pick<IncomingBody, 'md5' | 'checksum' | 'minSize' | 'maxSize'> => {
  const checksum = checksumIn(headers)
  return {
    md5: contentMd5(headers.get('content-md5')),
    checksum: checksum && { algorithm: checksum.algorithm, promised: () => checksum.value },
    minSize: 0,
    maxSize: maxObjectBytes,
  }
}

const assertChecksumGiven = (headers: ReadonlyMap<string, string>, given: unknown): void => {
  if (headers.has('x-amz-sdk-checksum-algorithm') && given === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    )
  }
}

/**
 * The body of a request that is not a form; `payloadHash` (`x-amz-content-sha256`) says how it is encoded.
 * Throws MissingContentLength; signed streaming payloads are refused with NotImplemented.
 */
export const incomingBody = (
  chunks: AsyncIterable<Buffer>,
  headers: ReadonlyMap<string, string>,
  payloadHash: string,
): IncomingBody => {
  const promises = promisesIn(headers)
  if (payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    const trailer = new Map<string, string>()
    const promisedName = headers.get('x-amz-trailer')
    const algorithm = checksumAlgorithms.find((candidate) => checksumHeader(candidate) === promisedName)
    if (promisedName !== undefined && (algorithm === undefined || promises.checksum !== undefined)) {
      throw new S3Error('InvalidRequest', `The value ${promisedName} of x-amz-trailer is not supported.`)
    }
    assertChecksumGiven(headers, algorithm ?? promises.checksum)
    return {
      ...promises,
      chunks: decodeAwsChunked(chunks, trailer),
      size: contentLength(headers.get('x-amz-decoded-content-length')),
      sha256: undefined,
      checksum: algorithm
        ? { algorithm, promised: () => trailer.get(checksumHeader(algorithm)) }
        : promises.checksum,
    }
  }
  if (payloadHash.startsWith('STREAMING-')) {
    throw new S3Error('NotImplemented', `The payload signing ${payloadHash} is not implemented.`)
  }
  assertChecksumGiven(headers, promises.checksum)
  return {
    ...promises,
    chunks,
    size: contentLength(headers.get('content-length')),
    sha256: payloadHash === 'UNSIGNED-PAYLOAD' ? undefined : payloadHash,
  }
}
