import { onObject, type S3Operation } from './s3-call.ts'
import { openUpload } from './upload-part.ts'

export const abortMultipartUpload: S3Operation = {
  name: 'AbortMultipartUpload',
  parameters: ['uploadId'],
  actions: onObject('s3:AbortMultipartUpload'),
  perform: async (service, call) => {
    const { id } = openUpload(service, call)
    for (const fileId of service.index.atomically(() => service.uploads.remove(id))) {
      await service.files.remove(fileId)
    }
    return { status: 204 }
  },
}
