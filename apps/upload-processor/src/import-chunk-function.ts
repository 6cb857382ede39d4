import { UploadId } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import type { makeImportChunk } from '@stockroom/domain/upload/import-chunk'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { queueFunction } from '@stockroom/lambda/queue-function'
import * as z from 'zod/mini'

const ChunkMessage = z.object({
  merchant: MerchantId,
  uploadId: UploadId,
  chunk: z.int().check(z.minimum(1)),
})

/**
 * Trigger: the chunks queue. A chunk that fails comes back and goes on behind the parts that it has applied; one that ends in the DLQ
 * leaves its upload importing until it is replayed. Next stop of its stock: the outbox table's stream, relay-outbox-function.ts.
 */
export const importChunkFunction = (importChunk: ReturnType<typeof makeImportChunk>) =>
  queueFunction({ body: ChunkMessage }, async ({ body, cause }) => {
    const { status } = await importChunk(body, cause)
    logger.info('Chunk imported', { ...body, status })
    count('ChunkImported')
  })
