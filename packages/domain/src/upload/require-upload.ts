import type { FileAddress } from './delivery-files.ts'
import type { DeliveryUpload } from './delivery-upload.ts'
import type { UploadRepository } from './upload-repository.ts'

/** The upload that a message speaks of. @throws Error when it was never requested: the message is not ours and belongs in the DLQ. */
export const requireUpload = async (
  uploads: UploadRepository,
  { merchant, uploadId }: FileAddress,
): Promise<DeliveryUpload> => {
  const upload = await uploads.find(merchant, uploadId)
  if (upload === undefined) throw new Error(`${merchant} has requested no upload ${uploadId}`)
  return upload
}
