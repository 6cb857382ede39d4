import type { Clock } from '../clock.ts'
import type { UploadId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { accepted, type Outcome, refused } from '../refusal.ts'
import type { RejectLinks } from './reject-links.ts'
import { uploadLimits } from './upload-limits.ts'
import type { UploadRepository } from './upload-repository.ts'

/** A short-lived link to the rejects of a finished upload. */
export const makeLinkRejects =
  ({ uploads, rejectLinks, clock }: { uploads: UploadRepository; rejectLinks: RejectLinks; clock: Clock }) =>
  async (
    merchant: MerchantId,
    id: UploadId,
  ): Promise<Outcome<{ readonly url: string; readonly expiresAt: Date }>> => {
    const upload = await uploads.find(merchant, id)
    if (upload === undefined) return refused('upload.not_found', `There is no upload ${id}`)
    if (upload.status !== 'imported_with_rejects')
      return refused('upload.no_rejects', `An upload that is ${upload.status} has no file of rejects`)
    const seconds = uploadLimits.linkSeconds
    const expiresAt = new Date(clock.now().getTime() + seconds * 1_000)
    return accepted({ url: await rejectLinks.link({ merchant, uploadId: id }, seconds), expiresAt })
  }
