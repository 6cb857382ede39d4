import { readDeliveryFileKey } from '@stockroom/adapters/s3/upload-object-keys'
import type { makePlanUpload } from '@stockroom/domain/upload/plan-upload'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { queueFunction } from '@stockroom/lambda/queue-function'
import { createdKeys, S3Notification } from './s3-notification.ts'

/**
 * Trigger: the uploads queue, to which S3 tells of new objects. A message that fails comes back and at last lies in the DLQ; until then
 * its upload waits. Next stop of an upload: import-chunk-function.ts, by the chunks queue.
 */
export const planUploadFunction = (planUpload: ReturnType<typeof makePlanUpload>) => {
  const plan = async (key: string): Promise<void> => {
    const address = readDeliveryFileKey(key)
    // No form allows it, so somebody else writes to this bucket: the message is kept for a person to look at.
    if (address === undefined) throw new Error(`${key} is the key of no upload`)
    const { status, cause } = await planUpload(address)
    logger.info('Upload planned', { ...address, status, cause })
    count(status === 'refused' ? 'UploadRefused' : 'UploadPlanned')
  }
  return queueFunction({ body: S3Notification }, async ({ body }) => {
    const failures: unknown[] = []
    for (const key of createdKeys(body))
      await plan(key).catch((error: unknown) => {
        failures.push(error)
      })
    // Only now: an object that cannot be planned holds up none that came in the same message.
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '))
  })
}
