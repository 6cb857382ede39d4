import { attributesOf, type EventSource } from '../events/event.ts'
import type { UploadIn } from './delivery-upload.ts'
import type { PlannedFile } from './inspect-file.ts'
import type { UploadProblem } from './upload-problem.ts'
import type { UploadChange } from './upload-repository.ts'

/** What an upload becomes once its file was looked at: importing by its plan, or refused. */
export const decidePlan = (
  source: EventSource,
  upload: UploadIn<'awaiting_upload'>,
  inspected: PlannedFile | UploadProblem,
): UploadChange => {
  const { id, merchant, filename, cause } = upload
  const at = source.clock.now().toISOString()
  const attributes = attributesOf(source, { merchant, subject: id, version: 1, cause })
  if ('code' in inspected)
    return {
      upload: { ...upload, status: 'refused', version: 1, ...inspected, refusedAt: at },
      event: { ...attributes, type: 'upload.refused.v1', data: { filename, ...inspected } },
    }
  const { file, plan } = inspected
  const chunks = plan.chunks.length
  return {
    upload: {
      ...upload,
      status: 'importing',
      version: 1,
      file,
      chunks,
      chunksClosed: 0,
      rows: plan.chunks.reduce((sum, { rows }) => sum + rows, 0),
      rowsAccepted: 0,
      rowsRejected: 0,
      plannedAt: at,
    },
    plan,
    event: {
      ...attributes,
      type: 'upload.planned.v1',
      data: { filename, sizeBytes: file.sizeBytes, chunks },
    },
  }
}
