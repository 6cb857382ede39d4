import { describe, expect, it } from 'vitest'
import { anEnvelope } from './an-envelope.ts'
import { Envelope, seal } from './envelope.ts'

describe('an envelope', () => {
  it('carries the version of its last event', () => {
    expect(anEnvelope({ seq: 5, events: 3 })).toMatchObject({ seq: 5, aggregate: 'agg_1', tenant: 'acme' })
  })

  it('refuses events of two aggregates', () => {
    const [a] = anEnvelope({ aggregate: 'a' }).events
    const [b] = anEnvelope({ aggregate: 'b', seq: 2 }).events
    if (a === undefined || b === undefined) throw new Error('the builder gives one event')
    expect(() => seal('acme', [a, b], new Date())).toThrow('one envelope, one aggregate')
  })

  it('refuses a gap between its events', () => {
    const [one] = anEnvelope({ seq: 1 }).events
    const [three] = anEnvelope({ seq: 3 }).events
    if (one === undefined || three === undefined) throw new Error('the builder gives one event')
    expect(() => seal('acme', [one, three], new Date())).toThrow('does not follow')
  })

  it.each([
    ['specversion', '0.3'],
    ['id', ''],
    ['type', ''],
    ['subject', ''],
    ['sequence', '000000001'],
    ['sequence', '00000000001'],
    ['sequence', '1'],
    ['traceparent', 7],
  ])('is none when the %s of an event reads %j', (attribute, value) => {
    const envelope = anEnvelope()
    const read = (event: object) => Envelope.safeParse({ ...envelope, events: [event] }).success
    expect(read({ ...envelope.events[0] })).toBe(true)
    expect(read({ ...envelope.events[0], [attribute]: value })).toBe(false)
  })

  it('keeps attributes it does not know', () => {
    const envelope = anEnvelope()
    const read = Envelope.parse({ ...envelope, events: [{ ...envelope.events[0], extension: 'x' }] })
    expect(read.events[0]).toHaveProperty('extension', 'x')
  })
})
