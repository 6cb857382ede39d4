import { pipeline } from 'node:stream/promises'
import { bucketArn } from '../arn.ts'
import { checksumElement } from './checksum.ts'
import { findObject } from './find-object.ts'
import { objectHeaders, quoted, versionHeader } from './object-headers.ts'
import { parseTarget } from './request-target.ts'
import { onObject, type S3Operation, type S3Request } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { storeObject } from './store-object.ts'
import { xmlDocument } from './xml.ts'

const sourceOf = ({ headers }: S3Request) => {
  const header = headers.get('x-amz-copy-source') ?? ''
  const { bucket, key, parameters } = parseTarget(header.startsWith('/') ? header : `/${header}`, undefined)
  if (bucket === undefined || key === '') {
    throw new S3Error(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    )
  }
  return { bucket, key, versionId: parameters.get('versionId') }
}

export const copyObject: S3Operation = {
  name: 'CopyObject',
  parameters: [],
  actions: (request, environment) => {
    const { bucket, key, versionId } = sourceOf(request)
    const read = versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion'
    return [
      { action: read, resource: `${bucketArn(environment, bucket)}/${key}` },
      ...onObject('s3:PutObject')(request, environment),
    ]
  },
  perform: async (service, call) => {
    const { bucket, key, versionId } = sourceOf(call)
    if (!service.buckets.has(bucket)) throw new S3Error('NoSuchBucket', undefined, { BucketName: bucket })
    if (call.headers.has('x-amz-checksum-algorithm')) {
      throw new S3Error(
        'NotImplemented',
        'A copy keeps the checksum of its source; x-amz-checksum-algorithm is not implemented.',
      )
    }
    const directive = call.headers.get('x-amz-metadata-directive') ?? 'COPY'
    if (directive !== 'COPY' && directive !== 'REPLACE')
      throw new S3Error('InvalidArgument', 'Unknown metadata directive.')
    const source = findObject(service, call, bucket, key, versionId)
    if (directive === 'COPY' && bucket === call.bucket.name && key === call.key && versionId === undefined) {
      throw new S3Error(
        'InvalidRequest',
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      )
    }
    const headers = directive === 'COPY' ? source.headers : objectHeaders(call.headers)
    const reader = service.files.read(source.fileId)
    const { id, stream } = service.files.create()
    try {
      await pipeline(reader, stream)
    } catch (error) {
      await service.files.remove(id)
      throw error
    }
    const { eTag, size, checksum } = source
    const { change, object } = await storeObject(service, call, {
      eventName: 'ObjectCreated:Copy',
      fileId: id,
      size,
      eTag,
      headers,
      checksum,
    })
    return {
      status: 200,
      headers: {
        ...versionHeader(change.versionId),
        ...(source.versionId !== 'null' && { 'x-amz-copy-source-version-id': source.versionId }),
      },
      body: xmlDocument([
        'CopyObjectResult',
        [
          ['LastModified', new Date(object.modifiedAt).toISOString()],
          ['ETag', quoted(eTag)],
          ...(checksum ? [[checksumElement(checksum.algorithm), checksum.value] as const] : []),
        ],
      ]),
    }
  },
}
