import { checksumElement } from './checksum.ts'
import { quoted } from './object-headers.ts'
import { onObject, type S3Call, type S3Operation } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { openUpload } from './upload-part.ts'
import { type XmlElement, xmlDocument } from './xml.ts'

const pageSize = 1000

const integerParameter = ({ parameters }: S3Call, name: string, otherwise: number): number => {
  const text = parameters.get(name)
  if (text === undefined) return otherwise
  if (!/^\d{1,9}$/.test(text)) throw new S3Error('InvalidArgument', `Provided ${name} not an integer`)
  return Number(text)
}

export const listParts: S3Operation = {
  name: 'ListParts',
  parameters: ['uploadId', 'max-parts', 'part-number-marker'],
  actions: onObject('s3:ListMultipartUploadParts'),
  perform: async (service, call) => {
    const upload = openUpload(service, call)
    const marker = integerParameter(call, 'part-number-marker', 0)
    const maxParts = Math.min(integerParameter(call, 'max-parts', pageSize), pageSize)
    const remaining = service.uploads.parts(upload.id).filter((part) => part.number > marker)
    const page = remaining.slice(0, maxParts)
    return {
      status: 200,
      body: xmlDocument([
        'ListPartsResult',
        [
          ['Bucket', call.bucket.name],
          ['Key', call.key],
          ['UploadId', upload.id],
          ['PartNumberMarker', marker],
          ['NextPartNumberMarker', page.at(-1)?.number],
          ['MaxParts', maxParts],
          ['IsTruncated', page.length < remaining.length],
          ['StorageClass', 'STANDARD'],
          ['ChecksumAlgorithm', upload.checksum?.algorithm],
          ['ChecksumType', upload.checksum?.type],
          ...page.map(
            (part): XmlElement => [
              'Part',
              [
                ['PartNumber', part.number],
                ['LastModified', new Date(part.modifiedAt).toISOString()],
                ['ETag', quoted(part.eTag)],
                ['Size', part.size],
                ...(part.checksum
                  ? ([[checksumElement(part.checksum.algorithm), part.checksum.value]] as const)
                  : []),
              ],
            ],
          ),
        ],
      ]),
    }
  },
}
