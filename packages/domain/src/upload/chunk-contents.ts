import { currencyExponent } from '../currency-exponent.ts'
import type { Currency } from '../money.ts'
import { readChunk } from './read-chunk.ts'
import type { Reject } from './reject.ts'
import { type SkuDelivery, stockParts } from './stock-parts.ts'
import type { PlannedChunk, UploadPlan } from './upload-plan.ts'

/** A chunk as it is applied: its stock in parts of one transaction each, and the rows that are wrong in themselves. */
export interface ChunkContents {
  readonly parts: readonly (readonly SkuDelivery[])[]
  readonly rejects: readonly Reject[]
}

/** Reads a planned chunk; `bytes` are `undefined` when the file is gone. @throws RangeError when they are not what was planned, which is a bug. */
export const chunkContents = (
  bytes: Uint8Array | undefined,
  {
    planned: { line, rows: count },
    plan: { columns, partSkus },
    currency,
  }: { readonly planned: PlannedChunk; readonly plan: UploadPlan; readonly currency: Currency },
): ChunkContents => {
  // The rows of a lost file become rejects, so that the upload ends. All parts that it may have had are there, empty: their
  // markers keep a slower delivery of the same chunk, which did read the file, from adding stock that is not counted.
  if (bytes === undefined)
    return {
      parts: Array.from({ length: Math.ceil(count / partSkus) }, () => []),
      rejects: [
        {
          line,
          column: '',
          value: '',
          reason: `the file was changed or deleted before the ${count} rows from here on were all read`,
        },
      ],
    }

  const { rows, rejects } = readChunk(bytes, { line, columns, exponent: currencyExponent(currency) })
  if (rows.length + rejects.length !== count)
    throw new RangeError(`${rows.length + rejects.length} rows from line ${line} on, planned were ${count}`)
  return { parts: stockParts(rows, { currency, partSkus }), rejects }
}
