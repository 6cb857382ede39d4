import { type Envelope, seal } from './envelope.ts'

/** Builds an envelope for tests: version `seq` of `aggregate`, with `events` events that end there. */
export const anEnvelope = ({
  aggregate = 'agg_1',
  tenant = 'acme',
  seq = 1,
  events = 1,
  createdAt = new Date('2026-01-01T00:00:00Z'),
}: {
  aggregate?: string
  tenant?: string
  seq?: number
  events?: number
  createdAt?: Date
} = {}): Envelope => {
  const event = (sequence: number) => ({
    specversion: '1.0' as const,
    id: `evt-${tenant}-${aggregate}-${sequence}`,
    source: `/tenants/${tenant}`,
    type: 'thing.changed.v1',
    subject: aggregate,
    sequence: String(sequence).padStart(10, '0'),
  })
  const first = seq - events + 1
  const rest = Array.from({ length: events - 1 }, (_, index) => event(first + 1 + index))
  return seal(tenant, [event(first), ...rest], createdAt)
}
