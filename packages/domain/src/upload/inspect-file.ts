import type { DeliveryFiles, FileAddress } from './delivery-files.ts'
import type { PinnedFile } from './delivery-upload.ts'
import { planFile } from './plan-file.ts'
import type { UploadLimits } from './upload-limits.ts'
import type { UploadPlan } from './upload-plan.ts'
import type { UploadProblem } from './upload-problem.ts'

/** The one content that will be imported, and how. */
export interface PlannedFile {
  readonly file: PinnedFile
  readonly plan: UploadPlan
}

/** Pins what stands at the upload's key now and plans it, or says what is wrong with it. @throws FileGone when it changes meanwhile. */
export const inspectFile = async (
  files: DeliveryFiles,
  address: FileAddress,
  { agreedBytes, limits }: { readonly agreedBytes: number | undefined; readonly limits: UploadLimits },
): Promise<PlannedFile | UploadProblem> => {
  const found = await files.head(address)
  if (found === undefined) return { code: 'file.missing', reason: 'The file was deleted before it was read' }
  const { contentType, ...file } = found
  const { sizeBytes } = file
  // The form's policy allows neither of these; what S3 checks for us is checked by us as well.
  if (contentType !== 'text/csv')
    return { code: 'file.wrong_type', reason: `The content type is ${contentType}, not text/csv` }
  if (sizeBytes > limits.fileBytes || (agreedBytes !== undefined && sizeBytes !== agreedBytes))
    return {
      code: 'file.wrong_size',
      reason: `The file has ${sizeBytes} bytes; ${agreedBytes ?? `at most ${limits.fileBytes}`} were agreed`,
    }
  // Asked for here because S3 answers a range of an empty object with an error.
  if (sizeBytes === 0) return { code: 'file.empty', reason: 'The file has no bytes' }

  const plan = await planFile(
    {
      sizeBytes,
      head: await files.read(address, file, 0, Math.min(sizeBytes, limits.recordBytes + 3)),
      from: (offset) => files.stream(address, file, offset, sizeBytes),
    },
    limits,
  )
  return 'code' in plan ? plan : { file, plan }
}
