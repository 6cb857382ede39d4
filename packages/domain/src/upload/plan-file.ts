import { RecordScanner, type ScannedRecord } from '../csv/record-scanner.ts'
import { TextCheck } from '../csv/text-check.ts'
import { readHeader } from './read-header.ts'
import { refusedFormat } from './refused-format.ts'
import type { UploadLimits } from './upload-limits.ts'
import type { DeliveryColumns, PlannedChunk, UploadPlan } from './upload-plan.ts'
import type { UploadProblem } from './upload-problem.ts'

/** A file's size, its first bytes (at least `recordBytes` and 3 of them if it has so many) and all of its bytes from an offset on. */
export interface PlannableFile {
  readonly sizeBytes: number
  readonly head: Uint8Array
  readonly from: (offset: number) => AsyncIterable<Uint8Array>
}

const utf8Mark = [0xef, 0xbb, 0xbf]

const textFaults = {
  nul: { code: 'file.not_text', what: 'holds a NUL byte: this is no text, or it is UTF-16' },
  not_utf8: {
    code: 'file.not_utf8',
    what: 'is not UTF-8; save the file as UTF-8, not as Windows-1252 or Latin-1',
  },
} as const

/**
 * Scans a file once, as a stream, and cuts it into chunks of whole records; the first problem ends the scan.
 * Holds one block and the plan in memory, whatever the file's size.
 */
export const planFile = async (
  { sizeBytes, head, from }: PlannableFile,
  limits: UploadLimits,
): Promise<UploadPlan | UploadProblem> => {
  const format = refusedFormat(head)
  if (format !== undefined) return format
  const byteOrderMark = utf8Mark.every((byte, index) => head[index] === byte) ? utf8Mark.length : 0
  const noRows: UploadProblem = { code: 'file.empty', reason: 'The file has no rows' }
  if (sizeBytes === byteOrderMark) return noRows

  let columns: DeliveryColumns | undefined
  let problem: UploadProblem | undefined
  let rows = 0
  const chunks: PlannedChunk[] = []
  const tooLong = (line: number): UploadProblem => ({
    code: 'file.record_too_long',
    reason: `The record that starts in line ${line} is longer than ${limits.recordBytes} bytes; is a quote left open?`,
  })

  const take = (record: ScannedRecord) => {
    if (problem !== undefined) return
    if (record.end - record.start > limits.recordBytes) {
      problem = tooLong(record.line)
    } else if (columns === undefined) {
      const header = readHeader(new TextDecoder().decode(head.subarray(record.start, record.end)))
      if ('code' in header) problem = header
      else columns = header
    } else {
      rows += 1
      if (rows > limits.rows)
        problem = { code: 'file.too_many_rows', reason: `The file has more than ${limits.rows} rows` }
      addRow(chunks, record, limits)
    }
  }

  const text = new TextCheck()
  const scanner = new RecordScanner(byteOrderMark)
  for await (const block of from(byteOrderMark)) {
    const bad = text.push(block)
    scanner.push(bad === undefined ? block : block.subarray(0, bad.index), take)
    if (problem !== undefined) return problem
    if (bad !== undefined) {
      const { code, what } = textFaults[bad.fault]
      return { code, reason: `Line ${scanner.line} ${what}` }
    }
    if (scanner.open !== undefined && scanner.open.bytes > limits.recordBytes)
      return tooLong(scanner.open.line)
  }
  // A row that was never seen could not even be rejected.
  if (scanner.offset !== sizeBytes)
    throw new Error(`The file ended at byte ${scanner.offset} of ${sizeBytes}`)
  if (text.incomplete)
    return { code: 'file.not_utf8', reason: `Line ${scanner.line} ends inside a UTF-8 character` }
  if (scanner.open?.inQuotes === true)
    return {
      code: 'file.open_quote',
      reason: `The record that starts in line ${scanner.open.line} has a quote that is never closed`,
    }
  scanner.end(take)
  if (problem !== undefined) return problem
  return columns === undefined || chunks.length === 0
    ? noRows
    : { columns, partSkus: limits.partSkus, chunks }
}

/** Puts a row into the last chunk, or into a new one if that would exceed a limit. */
const addRow = (chunks: PlannedChunk[], { start, end, line }: ScannedRecord, limits: UploadLimits): void => {
  const last = chunks.at(-1)
  if (last !== undefined && last.rows < limits.chunkRows && end - last.start <= limits.chunkBytes) {
    last.end = end
    last.rows += 1
  } else chunks.push({ start, end, line, rows: 1 })
}
