import type { DeliveryTurn } from '@stockroom/domain/webhook/deliver-webhook'
import { DeliveryMessage } from '@stockroom/domain/webhook/delivery-queue'
import { capturedOutput } from '@stockroom/lambda/captured-output'
import { metrics } from '@stockroom/lambda/metrics'
import { describe, expect, test } from 'vitest'
import { reportTurn } from './report-turn.ts'

const message = DeliveryMessage.parse({
  merchant: 'corner-shop',
  endpointId: 'whk_00000000000000000000000001',
  eventId: 'evt_00000000000000000000000002',
})
const attempt = { number: 1, at: '2026-11-23T09:00:00.000Z', durationMs: 12, result: { status: 500 } }
const reported = (turn: DeliveryTurn) => {
  const output = capturedOutput()
  reportTurn(message, turn)
  metrics.publishStoredMetrics()
  return output.lines()
}

describe('a turn', () => {
  test.each<[string, DeliveryTurn]>([
    ['WebhookDelivered', { outcome: 'settled', status: 'delivered', attempt }],
    ['WebhookExhausted', { outcome: 'settled', status: 'exhausted', attempt }],
    ['WebhookStopped', { outcome: 'settled', status: 'stopped' }],
    ['WebhookAttemptFailed', { outcome: 'later', seconds: 5, attempt }],
    ['WebhookPostponed', { outcome: 'later', seconds: 5 }],
    ['WebhookRepeated', { outcome: 'repeated' }],
  ])('is counted as %s', (metric, turn) => {
    expect(reported(turn)).toContainEqual(expect.objectContaining({ [metric]: 1 }))
  })

  test('with a request leaves a line that names delivery and answer; one without leaves none', () => {
    const { endpointId, eventId } = message
    expect(reported({ outcome: 'later', seconds: 5, attempt })).toContainEqual(
      expect.objectContaining({ level: 'INFO', endpointId, eventId, attempt }),
    )
    expect(reported({ outcome: 'later', seconds: 5 }).filter((line) => 'level' in line)).toEqual([])
  })
})
