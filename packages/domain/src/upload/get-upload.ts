import type { UploadId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { accepted, type Outcome, refused } from '../refusal.ts'
import type { DeliveryUpload } from './delivery-upload.ts'
import type { UploadRepository } from './upload-repository.ts'

/** One upload with how far it has got. */
export const makeGetUpload =
  ({ uploads }: { uploads: UploadRepository }) =>
  async (merchant: MerchantId, id: UploadId): Promise<Outcome<DeliveryUpload>> => {
    const upload = await uploads.find(merchant, id)
    return upload === undefined ? refused('upload.not_found', `There is no upload ${id}`) : accepted(upload)
  }
