import type { Cause } from '../cause.ts'
import type { EventSource } from '../events/event.ts'
import { applyPart } from './apply-part.ts'
import { type ChunkContents, chunkContents } from './chunk-contents.ts'
import { decideImport } from './decide-import.ts'
import { type DeliveryFiles, FileGone } from './delivery-files.ts'
import type { DeliveryUpload, UploadIn } from './delivery-upload.ts'
import type { Reject } from './reject.ts'
import type { RejectFiles } from './reject-files.ts'
import { rejectsCsv } from './rejects-csv.ts'
import { requireUpload } from './require-upload.ts'
import type { AppliedPart, ChunkAddress, UploadRepository } from './upload-repository.ts'

interface Dependencies extends EventSource {
  readonly uploads: UploadRepository
  readonly files: DeliveryFiles
  readonly rejectFiles: RejectFiles
}

/**
 * Adds one chunk's stock, keeps its rejects, closes it, and closes the upload behind the last one. Every step is either
 * marked in the transaction of its effect or harmless to repeat, so that a chunk which is delivered twice, at once or one
 * after the other, or which dies anywhere and is delivered again, adds its stock once and is counted once. Returns the upload
 * as it then is.
 */
export const makeImportChunk =
  (dependencies: Dependencies) =>
  async (address: ChunkAddress, cause: Cause): Promise<DeliveryUpload> => {
    const { uploads } = dependencies
    const upload = await requireUpload(uploads, address)
    if (upload.status === 'awaiting_upload') throw new Error(`${upload.id} is not planned`)
    if (upload.status !== 'importing') return upload

    const { closed, parts } = await uploads.chunkProgress(address)
    if (!closed) await importRows(dependencies, upload, address, parts, cause)
    return finish(dependencies, address)
  }

const importRows = async (
  { uploads, files, rejectFiles, ids, clock }: Dependencies,
  { file, currency }: UploadIn<'importing'>,
  address: ChunkAddress,
  applied: ReadonlyMap<number, AppliedPart>,
  cause: Cause,
): Promise<void> => {
  const { merchant, uploadId, chunk } = address
  const plan = await uploads.findPlan(merchant, uploadId)
  const planned = plan?.chunks[chunk - 1]
  if (plan === undefined || planned === undefined) throw new Error(`${uploadId} has no chunk ${chunk}`)

  const bytes = await files.read(address, file, planned.start, planned.end).catch((error: unknown) => {
    if (error instanceof FileGone) return undefined
    throw error
  })
  const contents = chunkContents(bytes, { planned, plan, currency })

  const markers = new Map(applied)
  for (const part of inTurn(contents.parts.length, chunk)) {
    const deliveries = contents.parts[part - 1] ?? []
    if (!markers.has(part))
      markers.set(part, await applyPart({ uploads, ids, clock }, { address, part, deliveries, cause }))
  }

  const rejects = [...contents.rejects, ...refusedByStore(contents, markers, currency)]
  // Before the chunk is closed: once all are, everything that is to be merged is there.
  if (rejects.length > 0)
    await rejectFiles.writeChunk(address, rejectsCsv(rejects.sort((a, b) => a.line - b.line)))

  const rowsAccepted = [...markers.values()].reduce((sum, marker) => sum + marker.rowsAccepted, 0)
  await uploads.closeChunk(address, { rowsAccepted, rowsRejected: planned.rows - rowsAccepted })
}

/** Part numbers, beginning elsewhere for each chunk: chunks that run side by side would else meet at the same skus all the way. */
const inTurn = (parts: number, chunk: number): readonly number[] =>
  Array.from({ length: parts }, (_, index) => ((index + 5 * chunk) % parts) + 1)

const refusedByStore = (
  { parts }: ChunkContents,
  markers: ReadonlyMap<number, AppliedPart>,
  currency: string,
): readonly Reject[] =>
  parts.flatMap((deliveries, index) => {
    const refused = new Set(markers.get(index + 1)?.refusedSkus)
    return deliveries
      .filter(({ stock }) => refused.has(stock.sku))
      .flatMap(({ stock, lines }) =>
        lines.map(
          (line): Reject => ({
            line,
            column: 'sku',
            value: stock.sku,
            reason: `the product is not priced in ${currency}, or has more units than can be counted`,
          }),
        ),
      )
  })

/** Whoever finds all chunks closed ends the upload; that more than one may find it so costs a merge, not an event. */
const finish = async (
  { uploads, rejectFiles, ids, clock }: Dependencies,
  { merchant, uploadId }: ChunkAddress,
): Promise<DeliveryUpload> => {
  const address = { merchant, uploadId }
  const upload = await requireUpload(uploads, address)
  if (upload.status !== 'importing' || upload.chunksClosed < upload.chunks) return upload
  if (upload.rowsRejected > 0) await rejectFiles.merge(address)
  const change = decideImport({ ids, clock }, upload)
  return (await uploads.commit(change)) === 'committed' ? change.upload : requireUpload(uploads, address)
}
