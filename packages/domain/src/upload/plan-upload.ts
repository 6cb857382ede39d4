import type { EventSource } from '../events/event.ts'
import type { ChunkQueue } from './chunk-queue.ts'
import { decidePlan } from './decide-plan.ts'
import type { DeliveryFiles, FileAddress } from './delivery-files.ts'
import type { DeliveryUpload } from './delivery-upload.ts'
import { inspectFile } from './inspect-file.ts'
import { requireUpload } from './require-upload.ts'
import { type UploadLimits, uploadLimits } from './upload-limits.ts'
import type { UploadRepository } from './upload-repository.ts'

/**
 * Looks at an uploaded file, writes down how it is imported or why it is not, and hands its chunks to `import-chunk.ts`.
 * A notification only says that something happened to the key: what stands there now is planned, so that repeated, late and
 * reordered ones come to the same. Once planned, an upload keeps to the content it pinned; being told again only sends its
 * chunks again, which heals a crash between the plan and the queue. Returns the upload as it then is.
 */
export const makePlanUpload =
  ({
    uploads,
    files,
    queue,
    limits = uploadLimits,
    ...source
  }: EventSource & {
    uploads: UploadRepository
    files: DeliveryFiles
    queue: ChunkQueue
    limits?: UploadLimits
  }) =>
  async (address: FileAddress): Promise<DeliveryUpload> => {
    const { merchant, uploadId } = address
    let upload = await requireUpload(uploads, address)
    if (upload.status === 'awaiting_upload') {
      const inspected = await inspectFile(files, address, { agreedBytes: upload.sizeBytes, limits })
      const change = decidePlan(source, upload, inspected)
      upload =
        (await uploads.commit(change)) === 'committed' ? change.upload : await requireUpload(uploads, address)
    }
    if (upload.status === 'importing') {
      const { chunks, cause } = upload
      await queue.send(
        Array.from({ length: chunks }, (_, index) => ({ merchant, uploadId, chunk: index + 1 })),
        cause,
      )
    }
    return upload
  }
