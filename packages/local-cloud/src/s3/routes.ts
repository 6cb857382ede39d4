import { abortMultipartUpload } from './abort-multipart-upload.ts'
import { getBucketLocation, headBucket } from './bucket-operations.ts'
import { completeMultipartUpload } from './complete-multipart-upload.ts'
import { copyObject } from './copy-object.ts'
import { createMultipartUpload } from './create-multipart-upload.ts'
import { deleteObject } from './delete-object.ts'
import { deleteObjects } from './delete-objects.ts'
import { getObject, headObject } from './get-object.ts'
import { listObjectsV2 } from './list-objects.ts'
import { listParts } from './list-parts.ts'
import { postObject } from './post-object.ts'
import { putObject } from './put-object.ts'
import type { RequestTarget } from './request-target.ts'
import type { S3Operation } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { uploadPart } from './upload-part.ts'

interface Route {
  readonly method: string
  readonly on: 'bucket' | 'object'
  /** The query parameter that chooses this operation. */
  readonly subresource?: string
  /** Chosen by `x-amz-copy-source` alone. */
  readonly copies?: true
  readonly operation: S3Operation
}

/** The first that fits wins. */
const routes: readonly Route[] = [
  { method: 'GET', on: 'object', subresource: 'uploadId', operation: listParts },
  { method: 'GET', on: 'object', operation: getObject },
  { method: 'HEAD', on: 'object', operation: headObject },
  { method: 'PUT', on: 'object', copies: true, operation: copyObject },
  { method: 'PUT', on: 'object', subresource: 'uploadId', operation: uploadPart },
  { method: 'PUT', on: 'object', operation: putObject },
  { method: 'DELETE', on: 'object', subresource: 'uploadId', operation: abortMultipartUpload },
  { method: 'DELETE', on: 'object', operation: deleteObject },
  { method: 'POST', on: 'object', subresource: 'uploads', operation: createMultipartUpload },
  { method: 'POST', on: 'object', subresource: 'uploadId', operation: completeMultipartUpload },
  { method: 'HEAD', on: 'bucket', operation: headBucket },
  { method: 'GET', on: 'bucket', subresource: 'location', operation: getBucketLocation },
  { method: 'GET', on: 'bucket', subresource: 'list-type', operation: listObjectsV2 },
  { method: 'POST', on: 'bucket', subresource: 'delete', operation: deleteObjects },
  { method: 'POST', on: 'bucket', operation: postObject },
]

/** Parameters that authenticate or that the SDK adds for its own logs. */
const isTransport = (parameter: string): boolean =>
  parameter.toLowerCase().startsWith('x-amz-') || parameter === 'x-id'

/** Finds the operation that a request asks for. Throws NotImplemented that names what was asked. */
export const operationOf = (method: string, target: RequestTarget, copies: boolean): S3Operation => {
  const on = target.bucket === undefined ? 'service' : target.key === '' ? 'bucket' : 'object'
  const parameters = [...target.parameters.keys()].filter((parameter) => !isTransport(parameter))
  const route = routes.find(
    (candidate) =>
      candidate.method === method &&
      candidate.on === on &&
      (candidate.subresource === undefined || target.parameters.has(candidate.subresource)) &&
      (candidate.copies === undefined || copies),
  )
  const unknown = parameters.filter((parameter) => !route?.operation.parameters.includes(parameter))
  if (route === undefined || unknown.length > 0) {
    const asked = [method, on, ...unknown.map((parameter) => `?${parameter}`)].join(' ')
    throw new S3Error('NotImplemented', `The local S3 server does not implement ${asked}.`)
  }
  return route.operation
}
