import { UploadId } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import type { FileAddress } from '@stockroom/domain/upload/delivery-files'
import type { ChunkAddress } from '@stockroom/domain/upload/upload-repository'

/** Uploads bucket. The only key that the form of an upload allows. */
export const deliveryFileKey = ({ merchant, uploadId }: FileAddress): string =>
  `uploads/${merchant}/${uploadId}.csv`

/** Reads `deliveryFileKey` back, already decoded; `undefined` for any other key. */
export const readDeliveryFileKey = (key: string): FileAddress | undefined => {
  const [, merchantPart, idPart] = /^uploads\/([^/]+)\/([^/]+)\.csv$/.exec(key) ?? []
  const merchant = MerchantId.safeParse(merchantPart)
  const uploadId = UploadId.safeParse(idPart)
  return merchant.success && uploadId.success
    ? { merchant: merchant.data, uploadId: uploadId.data }
    : undefined
}

/** Exports bucket, which nothing watches: what is written here sets off no import. */
export const rejectsKey = ({ merchant, uploadId }: FileAddress): string =>
  `rejects/${merchant}/${uploadId}.csv`
export const chunkRejectsPrefix = ({ merchant, uploadId }: FileAddress): string =>
  `rejects/${merchant}/${uploadId}/`
/** Padded, so that a listing gives the chunks in their order. */
export const chunkRejectsKey = ({ chunk, ...address }: ChunkAddress): string =>
  `${chunkRejectsPrefix(address)}${String(chunk).padStart(5, '0')}.csv`
