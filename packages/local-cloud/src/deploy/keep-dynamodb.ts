import type { Clock } from '../clock.ts'
import type { DynamoDbEngine } from '../engines/dynamodb.ts'

const hour = 3_600_000
/** AWS promises days; ten minutes let a demonstration see it. */
const sweepEveryMs = hour / 6
/** DynamoDB Streams keeps records for 24 hours. */
const streamRetentionMs = 24 * hour

/** Does what DynamoDB does by itself: deletes expired items and forgets old stream records. Returns what ends it. */
export const keepDynamoDb = (
  engine: DynamoDbEngine,
  clock: Clock,
  report: (error: unknown) => void,
): (() => Promise<void>) => {
  let cancel = (): void => {}
  let running: Promise<void> = Promise.resolve()
  const sweep = async (): Promise<void> => {
    try {
      await engine.trimStreams(clock.now() - streamRetentionMs)
      await engine.sweepTimeToLive()
    } catch (error) {
      report(error)
    }
  }
  const plan = (): void => {
    cancel = clock.schedule(sweepEveryMs, () => {
      running = sweep()
      plan()
    })
  }
  plan()
  return async () => {
    cancel()
    await running
  }
}
