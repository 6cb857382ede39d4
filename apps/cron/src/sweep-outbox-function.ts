import { logger } from '@stockroom/lambda/logger'
import { count, metrics } from '@stockroom/lambda/metrics'
import { scheduleFunction } from '@stockroom/lambda/schedule-function'
import type { makeSweep } from '@stockroom/outbox/sweep'

/**
 * Trigger: every minute. Publishes what the relay missed: a stopped mapping, a parked record, a lost answer. What fails stays pending for the next run,
 * and OldestPendingSeconds tells how long it has been waiting. `deadline` is that of the running invocation.
 */
export const sweepOutboxFunction = (sweep: ReturnType<typeof makeSweep>, deadline: () => Date) =>
  scheduleFunction(async () => {
    const { published, unpublished, unreadable, oldestPendingSeconds } = await sweep({
      olderThanSeconds: 60,
      deadline: deadline(),
    })
    count('EnvelopeSwept', published)
    metrics.addMetric('OldestPendingSeconds', 'Seconds', oldestPendingSeconds)
    for (const { envelope, reason } of unpublished)
      logger.error('Envelope not published', { aggregate: envelope.aggregate, seq: envelope.seq, reason })
    for (const row of unreadable) logger.error('Outbox row is no envelope', row)
  })
