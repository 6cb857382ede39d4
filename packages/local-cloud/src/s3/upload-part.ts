import { checksumHeader } from './checksum.ts'
import type { MultipartUpload } from './multipart-index.ts'
import { quoted } from './object-headers.ts'
import { receiveBody } from './receive-body.ts'
import { onObject, type S3Call, type S3Operation, type S3Service } from './s3-call.ts'
import { S3Error } from './s3-error.ts'

/** The upload that a call names. Throws NoSuchUpload, and OperationAborted while it is being completed. */
export const openUpload = ({ uploads, completing }: S3Service, call: S3Call): MultipartUpload => {
  const upload = uploads.get(call.parameters.get('uploadId') ?? '', call.bucket.name, call.key)
  if (completing.has(upload.id)) throw new S3Error('OperationAborted')
  return upload
}

const partNumberOf = ({ parameters }: S3Call): number => {
  const text = parameters.get('partNumber') ?? ''
  const number = Number(text)
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > 10_000) {
    throw new S3Error('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive')
  }
  return number
}

export const uploadPart: S3Operation = {
  name: 'UploadPart',
  parameters: ['partNumber', 'uploadId'],
  actions: onObject('s3:PutObject'),
  perform: async (service, call) => {
    const { files, uploads, index, clock } = service
    const number = partNumberOf(call)
    const expected = openUpload(service, call).checksum?.algorithm
    const body = call.openBody()
    const given = body.checksum?.algorithm
    if (given !== undefined && expected !== undefined && given !== expected) {
      throw new S3Error(
        'InvalidRequest',
        `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${given}`,
      )
    }
    const { fileId, size, md5, checksum } = await receiveBody(files, body)
    let replaced: string | undefined
    try {
      // Again, because the upload may have been completed or aborted while the body arrived.
      const { id } = openUpload(service, call)
      const part = { number, fileId, size, eTag: md5, modifiedAt: clock.now(), checksum }
      replaced = index.atomically(() => uploads.putPart(id, part))
    } catch (error) {
      await files.remove(fileId)
      throw error
    }
    if (replaced !== undefined) await files.remove(replaced)
    return {
      status: 200,
      headers: {
        etag: quoted(md5),
        ...(checksum && { [checksumHeader(checksum.algorithm)]: checksum.value }),
      },
    }
  },
}
