import { checksumHeader } from './checksum.ts'
import { objectHeaders, quoted, versionHeader } from './object-headers.ts'
import { receiveBody } from './receive-body.ts'
import { onObject, type S3Operation } from './s3-call.ts'
import { storeObject } from './store-object.ts'

export const putObject: S3Operation = {
  name: 'PutObject',
  parameters: [],
  actions: onObject('s3:PutObject'),
  perform: async (service, call) => {
    const headers = objectHeaders(call.headers)
    const { fileId, size, md5, checksum } = await receiveBody(service.files, call.openBody())
    const { change } = await storeObject(service, call, {
      eventName: 'ObjectCreated:Put',
      fileId,
      size,
      eTag: md5,
      headers,
      checksum,
    })
    return {
      status: 200,
      headers: {
        etag: quoted(md5),
        ...versionHeader(change.versionId),
        ...(checksum && {
          [checksumHeader(checksum.algorithm)]: checksum.value,
          'x-amz-checksum-type': 'FULL_OBJECT',
        }),
      },
    }
  },
}
