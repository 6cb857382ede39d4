import { csvCell } from '../csv/csv-cell.ts'
import type { Reject } from './reject.ts'

export const rejectsHeader = 'line,column,value,reason\r\n'

const valueCharacters = 64

/** Rejects as CSV lines without the header; long values are cut. The same rejects give the same bytes. */
export const rejectsCsv = (rejects: readonly Reject[]): string =>
  rejects
    .map(({ line, column, value, reason }) =>
      [String(line), column, csvCell(value.slice(0, valueCharacters).toWellFormed()), csvCell(reason)].join(
        ',',
      ),
    )
    .map((row) => `${row}\r\n`)
    .join('')
