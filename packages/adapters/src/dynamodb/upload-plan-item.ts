import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { UploadId } from '@stockroom/domain/ids'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import { UploadPlan } from '@stockroom/domain/upload/upload-plan'
import * as z from 'zod/mini'
import { planKey } from './keys.ts'

/** An item apart from the upload's own, which every closing chunk writes and DynamoDB bills by its size. */
export const planItem = (
  merchant: MerchantId,
  id: UploadId,
  { chunks, ...plan }: UploadPlan,
): Record<string, AttributeValue> =>
  marshall({
    ...planKey(merchant, id),
    ...plan,
    // Numbers without their names: the most chunks that a file can have (some 1,100) then stay far under the 400 KB of an item.
    chunks: JSON.stringify(chunks.map(({ start, end, line, rows }) => [start, end, line, rows])),
  })

const Chunks = z.array(z.tuple([z.int(), z.int(), z.int(), z.int()]))

/** Reads what `planItem` wrote. @throws ZodError or SyntaxError when it is no plan. */
export const readPlan = (item: Record<string, AttributeValue>): UploadPlan => {
  const { chunks, ...plan } = unmarshall(item)
  return UploadPlan.parse({
    ...plan,
    chunks: Chunks.parse(JSON.parse(String(chunks))).map(([start, end, line, rows]) => ({
      start,
      end,
      line,
      rows,
    })),
  })
}
