import type { Rule } from './check.ts'
import { sumBy } from './sum-by.ts'

const settled = new Set(['imported', 'imported_with_rejects', 'refused', 'awaiting_upload'])

/** Every uploaded file came to an end, and its counts are those of its chunks. */
export const uploadsAreAccounted: Rule = ({ uploads, chunks }) => {
  const accepted = sumBy(
    chunks,
    ({ uploadId }) => uploadId,
    ({ rowsAccepted }) => rowsAccepted,
  )
  const rejected = sumBy(
    chunks,
    ({ uploadId }) => uploadId,
    ({ rowsRejected }) => rowsRejected,
  )
  const rows = uploads.reduce((sum, upload) => sum + upload.rowsAccepted + upload.rowsRejected, 0)
  return {
    promise: 'every row is accounted for',
    counted: `${uploads.length} uploads, ${rows} rows`,
    breaches: uploads.flatMap((upload) => {
      const [a, r] = [accepted.get(upload.id) ?? 0, rejected.get(upload.id) ?? 0]
      if (!settled.has(upload.status)) return [`${upload.id}: still ${upload.status}`]
      return a === upload.rowsAccepted && r === upload.rowsRejected
        ? []
        : [
            `${upload.id}: ${upload.rowsAccepted} accepted and ${upload.rowsRejected} rejected, its chunks ${a} and ${r}`,
          ]
    }),
  }
}
