import type { DeliveryTurn } from '@stockroom/domain/webhook/deliver-webhook'
import type { DeliveryMessage } from '@stockroom/domain/webhook/delivery-queue'
import { logger } from '@stockroom/lambda/logger'
import { count, metrics } from '@stockroom/lambda/metrics'

const settled = {
  delivered: 'WebhookDelivered',
  exhausted: 'WebhookExhausted',
  stopped: 'WebhookStopped',
} as const

/** One log line for each request made, and its figures as metrics. */
export const reportTurn = ({ endpointId, eventId }: DeliveryMessage, turn: DeliveryTurn): void => {
  const { outcome, attempt } = turn
  if (attempt !== undefined) {
    metrics.addMetric('WebhookAttemptDuration', 'Milliseconds', attempt.durationMs)
    logger.info('Webhook attempted', { endpointId, eventId, attempt, outcome })
  }
  count(metricOf(turn))
}

const metricOf = (turn: DeliveryTurn): string => {
  switch (turn.outcome) {
    case 'settled':
      return settled[turn.status]
    case 'later':
      return turn.attempt === undefined ? 'WebhookPostponed' : 'WebhookAttemptFailed'
    case 'repeated':
      return 'WebhookRepeated'
    default:
      return turn satisfies never
  }
}
