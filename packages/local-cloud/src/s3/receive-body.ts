import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { type Checksum, startChecksum } from './checksum.ts'
import type { IncomingBody } from './incoming-body.ts'
import type { ObjectFiles } from './object-files.ts'
import { S3Error } from './s3-error.ts'

/** A payload that is on disk, whole and as promised, but not yet anybody's object. */
export interface ReceivedBody {
  readonly fileId: string
  readonly size: number
  /** Hex, no quotation marks. */
  readonly md5: string
  readonly checksum: Checksum | undefined
}

/** Measures a body on its way. Throws EntityTooLarge at the first byte too many, and the rest after the last byte. */
const measure = (body: IncomingBody) => {
  const md5 = createHash('md5')
  const sha256 = body.sha256 === undefined ? undefined : createHash('sha256')
  const checksum = body.checksum && startChecksum(body.checksum.algorithm)
  let size = 0

  const assertPromises = (): Omit<ReceivedBody, 'fileId'> => {
    if (body.size !== undefined && size !== body.size) throw new S3Error('IncompleteBody')
    if (size < body.minSize) {
      throw new S3Error('EntityTooSmall', undefined, {
        ProposedSize: String(size),
        MinSizeAllowed: String(body.minSize),
      })
    }
    const md5Digest = md5.digest()
    if (body.md5 !== undefined && body.md5 !== md5Digest.toString('base64')) throw new S3Error('BadDigest')
    if (sha256 && sha256.digest('hex') !== body.sha256) throw new S3Error('XAmzContentSHA256Mismatch')
    const value = checksum?.digest().toString('base64')
    if (body.checksum && value !== body.checksum.promised()) {
      const { algorithm } = body.checksum
      throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`)
    }
    return {
      size,
      md5: md5Digest.toString('hex'),
      checksum:
        body.checksum && value !== undefined ? { algorithm: body.checksum.algorithm, value } : undefined,
    }
  }

  async function* measured(): AsyncGenerator<Buffer> {
    for await (const chunk of body.chunks) {
      size += chunk.length
      assertNotTooLarge(size, body.maxSize)
      md5.update(chunk)
      sha256?.update(chunk)
      checksum?.update(chunk)
      yield chunk
    }
  }
  return { measured, assertPromises }
}

const assertNotTooLarge = (size: number, max: number): void => {
  if (size > max) {
    throw new S3Error('EntityTooLarge', undefined, {
      ProposedSize: String(size),
      MaxSizeAllowed: String(max),
    })
  }
}

/**
 * Streams a body into a new file and checks every promise made about it. Nothing is left behind when it throws
 * (EntityTooLarge, EntityTooSmall, IncompleteBody, BadDigest, XAmzContentSHA256Mismatch).
 */
export const receiveBody = async (files: ObjectFiles, body: IncomingBody): Promise<ReceivedBody> => {
  assertNotTooLarge(body.size ?? 0, body.maxSize)
  const { id, stream } = files.create()
  const { measured, assertPromises } = measure(body)
  try {
    await pipeline(measured, stream)
    return { fileId: id, ...assertPromises() }
  } catch (error) {
    await files.remove(id)
    throw error
  }
}

/** Reads a small body, such as an XML document, into a string and checks the same promises. Throws MalformedXML above `maxBytes`. */
export const receiveText = async (body: IncomingBody, maxBytes: number): Promise<string> => {
  if ((body.size ?? 0) > maxBytes) throw new S3Error('MalformedXML')
  const { measured, assertPromises } = measure({ ...body, maxSize: maxBytes })
  const chunks: Buffer[] = []
  for await (const chunk of measured()) chunks.push(chunk)
  assertPromises()
  return Buffer.concat(chunks).toString('utf8')
}
