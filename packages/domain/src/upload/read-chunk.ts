import { RecordScanner, type ScannedRecord } from '../csv/record-scanner.ts'
import { splitFields } from '../csv/split-fields.ts'
import { type DeliveryRow, readRow } from './read-row.ts'
import type { Reject } from './reject.ts'
import type { DeliveryColumns } from './upload-plan.ts'

/** The rows of a chunk's bytes, which begin on `line`: those that can raise stock and those that cannot, each in the order of the file. */
export const readChunk = (
  bytes: Uint8Array,
  { line: firstLine, columns, exponent }: { line: number; columns: DeliveryColumns; exponent: number },
): { readonly rows: readonly DeliveryRow[]; readonly rejects: readonly Reject[] } => {
  const rows: DeliveryRow[] = []
  const rejects: Reject[] = []
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const take = ({ start, end, line }: ScannedRecord) => {
    const fields = splitFields(decoder.decode(bytes.subarray(start, end)))
    const row = readRow(fields, { line, columns, exponent })
    if ('reason' in row) rejects.push(row)
    else rows.push(row)
  }
  const scanner = new RecordScanner(0, firstLine)
  scanner.push(bytes, take)
  scanner.end(take)
  return { rows, rejects }
}
