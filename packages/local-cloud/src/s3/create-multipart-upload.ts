import { type ChecksumAlgorithm, isChecksumAlgorithm } from './checksum.ts'
import type { MultipartUpload } from './multipart-index.ts'
import { objectHeaders } from './object-headers.ts'
import { onObject, type S3Operation } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { xmlDocument } from './xml.ts'

const typesOf = (algorithm: ChecksumAlgorithm): readonly string[] => {
  if (algorithm === 'CRC64NVME') return ['FULL_OBJECT']
  return algorithm.startsWith('SHA') ? ['COMPOSITE'] : ['COMPOSITE', 'FULL_OBJECT']
}

/** The table "Full object and composite checksum types" of the S3 user guide: the first type is the default. */
const uploadChecksum = (headers: ReadonlyMap<string, string>): MultipartUpload['checksum'] => {
  const algorithm = headers.get('x-amz-checksum-algorithm')
  const type = headers.get('x-amz-checksum-type')
  if (algorithm === undefined) {
    if (type === undefined) return undefined
    throw new S3Error('InvalidRequest', 'x-amz-checksum-type needs x-amz-checksum-algorithm.')
  }
  if (!isChecksumAlgorithm(algorithm)) {
    throw new S3Error('InvalidRequest', 'Checksum algorithm provided is unsupported.')
  }
  const types = typesOf(algorithm)
  if (type !== undefined && !types.includes(type)) {
    throw new S3Error('InvalidRequest', `The ${type} checksum type cannot be used with ${algorithm}.`)
  }
  return { algorithm, type: (type ?? types[0]) === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE' }
}

export const createMultipartUpload: S3Operation = {
  name: 'CreateMultipartUpload',
  parameters: ['uploads'],
  actions: onObject('s3:PutObject'),
  perform: async ({ uploads }, { bucket, key, headers }) => {
    const checksum = uploadChecksum(headers)
    const id = uploads.create({ bucket: bucket.name, key, headers: objectHeaders(headers), checksum })
    return {
      status: 200,
      headers: checksum
        ? { 'x-amz-checksum-algorithm': checksum.algorithm, 'x-amz-checksum-type': checksum.type }
        : {},
      body: xmlDocument([
        'InitiateMultipartUploadResult',
        [
          ['Bucket', bucket.name],
          ['Key', key],
          ['UploadId', id],
        ],
      ]),
    }
  },
}
