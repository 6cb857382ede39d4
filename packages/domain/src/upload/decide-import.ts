import { attributesOf, type EventSource } from '../events/event.ts'
import type { UploadIn } from './delivery-upload.ts'
import type { UploadChange } from './upload-repository.ts'

/** What an upload becomes when its last chunk is closed. @throws RangeError when rows are unaccounted for, which is a bug. */
export const decideImport = (
  source: EventSource,
  { chunksClosed, ...upload }: UploadIn<'importing'>,
): UploadChange => {
  const { id, merchant, filename, cause, chunks, rows, rowsAccepted, rowsRejected } = upload
  if (chunksClosed !== chunks || rowsAccepted + rowsRejected !== rows)
    throw new RangeError(
      `${id}: ${chunksClosed} of ${chunks} chunks, ${rowsAccepted} + ${rowsRejected} of ${rows} rows`,
    )
  return {
    upload: {
      ...upload,
      status: rowsRejected === 0 ? 'imported' : 'imported_with_rejects',
      version: 2,
      importedAt: source.clock.now().toISOString(),
    },
    event: {
      ...attributesOf(source, { merchant, subject: id, version: 2, cause }),
      type: 'upload.imported.v1',
      data: { filename, rowsAccepted, rowsRejected },
    },
  }
}
