import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import {
  type Checksum,
  checksumAlgorithms,
  checksumElement,
  checksumIn,
  compositeChecksum,
  startChecksum,
} from './checksum.ts'
import type { MultipartUpload, UploadedPart } from './multipart-index.ts'
import type { ObjectFiles } from './object-files.ts'
import { quoted, versionHeader } from './object-headers.ts'
import { receiveText } from './receive-body.ts'
import { onObject, type S3Operation } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { storeObject } from './store-object.ts'
import { openUpload } from './upload-part.ts'
import { parseItems, xmlDocument } from './xml.ts'

const maxDocumentBytes = 4 * 1024 * 1024
const minPartBytes = 5 * 1024 * 1024

/** The parts that the document lists, checked against those uploaded. Throws InvalidPart, InvalidPartOrder, EntityTooSmall. */
const chosenParts = (text: string, uploaded: readonly UploadedPart[]): readonly UploadedPart[] => {
  const { items } = parseItems(text, 'CompleteMultipartUpload', 'Part')
  const byNumber = new Map(uploaded.map((part) => [part.number, part]))
  const parts = items.map((item) => {
    const part = byNumber.get(Number(item.PartNumber))
    const eTag = typeof item.ETag === 'string' ? item.ETag.replaceAll('"', '') : undefined
    if (part === undefined || part.eTag !== eTag) {
      throw new S3Error('InvalidPart', undefined, { PartNumber: String(item.PartNumber), ETag: eTag ?? '' })
    }
    for (const algorithm of checksumAlgorithms) {
      const value = item[checksumElement(algorithm)]
      if (value !== undefined && (part.checksum?.algorithm !== algorithm || part.checksum.value !== value)) {
        throw new S3Error('InvalidPart', undefined, { PartNumber: String(part.number), ETag: part.eTag })
      }
    }
    return part
  })
  let previous = 0
  for (const { number } of parts) {
    if (number <= previous) throw new S3Error('InvalidPartOrder')
    previous = number
  }
  const tooSmall = parts.slice(0, -1).find(({ size }) => size < minPartBytes)
  if (tooSmall) {
    throw new S3Error('EntityTooSmall', undefined, {
      ProposedSize: String(tooSmall.size),
      MinSizeAllowed: String(minPartBytes),
      PartNumber: String(tooSmall.number),
      ETag: tooSmall.eTag,
    })
  }
  return parts
}

/** MD5 of the parts' MD5s, as S3 computes it for every multipart object. */
const multipartETag = (parts: readonly UploadedPart[]): string => {
  const md5 = createHash('md5')
  for (const part of parts) md5.update(part.eTag, 'hex')
  return `${md5.digest('hex')}-${parts.length}`
}

/** Writes the parts into one new file; a full-object checksum is computed on the way, a composite one from the parts'. */
const concatenate = async (
  files: ObjectFiles,
  parts: readonly UploadedPart[],
  wanted: MultipartUpload['checksum'],
): Promise<{ readonly fileId: string; readonly checksum: Checksum | undefined }> => {
  const full = wanted?.type === 'FULL_OBJECT' ? startChecksum(wanted.algorithm) : undefined
  async function* contents(): AsyncGenerator<Buffer> {
    for (const part of parts) {
      for await (const chunk of files.read(part.fileId)) {
        full?.update(chunk)
        yield chunk
      }
    }
  }
  const { id, stream } = files.create()
  try {
    await pipeline(contents, stream)
  } catch (error) {
    await files.remove(id)
    throw error
  }
  if (wanted === undefined) return { fileId: id, checksum: undefined }
  if (full) return { fileId: id, checksum: { ...wanted, value: full.digest().toString('base64') } }
  const values = parts.flatMap((part) => part.checksum?.value ?? [])
  const composite = values.length === parts.length ? compositeChecksum(wanted.algorithm, values) : undefined
  return {
    fileId: id,
    checksum: composite === undefined ? undefined : { algorithm: wanted.algorithm, value: composite },
  }
}

export const completeMultipartUpload: S3Operation = {
  name: 'CompleteMultipartUpload',
  parameters: ['uploadId'],
  actions: onObject('s3:PutObject'),
  perform: async (service, call) => {
    const { files, uploads, completing, endpoint } = service
    const upload = openUpload(service, call)
    completing.add(upload.id)
    try {
      // The header named x-amz-checksum-… promises the object's checksum here, not that of the document.
      const promised = checksumIn(call.headers)
      const text = await receiveText({ ...call.openBody(), checksum: undefined }, maxDocumentBytes)
      const parts = chosenParts(text, uploads.parts(upload.id))
      const size = parts.reduce((sum, part) => sum + part.size, 0)
      const expectedSize = call.headers.get('x-amz-mp-object-size')
      if (expectedSize !== undefined && Number(expectedSize) !== size) throw new S3Error('InvalidRequest')
      const eTag = multipartETag(parts)
      const { fileId, checksum } = await concatenate(files, parts, upload.checksum)
      if (promised && (promised.algorithm !== checksum?.algorithm || promised.value !== checksum.value)) {
        await files.remove(fileId)
        throw new S3Error('BadDigest')
      }
      const { change } = await storeObject(service, call, {
        eventName: 'ObjectCreated:CompleteMultipartUpload',
        fileId,
        size,
        eTag,
        headers: upload.headers,
        checksum,
        uploadId: upload.id,
      })
      return {
        status: 200,
        headers: versionHeader(change.versionId),
        body: xmlDocument([
          'CompleteMultipartUploadResult',
          [
            ['Location', `${endpoint}/${call.bucket.name}/${encodeURIComponent(call.key)}`],
            ['Bucket', call.bucket.name],
            ['Key', call.key],
            ['ETag', quoted(eTag)],
            ...(checksum
              ? ([
                  [checksumElement(checksum.algorithm), checksum.value],
                  ['ChecksumType', upload.checksum?.type],
                ] as const)
              : []),
          ],
        ]),
      }
    } finally {
      completing.delete(upload.id)
    }
  },
}
