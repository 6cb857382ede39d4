import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
// <example>
import { type CloudEvent, seal } from './envelope.ts'
import type { EventPublisher } from './event-publisher.ts'
import { InMemoryOutboxStore } from './in-memory-outbox-store.ts'
import { makeRelay } from './relay.ts'
import { makeSweep } from './sweep.ts'

/** A consumer. Here the effect is a line in a list; yours and its last sequence are one transaction. */
const effects: string[] = []
const lastOf = new Map<string, number>()
const consume = ({ subject, sequence, type }: CloudEvent): void => {
  const last = lastOf.get(subject) ?? 0
  if (Number(sequence) <= last) return // a repeat: done already
  if (Number(sequence) > last + 1) throw new Error(`${subject} is at ${last}`) // a gap: come back later
  effects.push(`${subject} ${type}`)
  lastOf.set(subject, Number(sequence))
}

/** A queue that hands each event to the consumer at once. Yours sends, and reports what was not confirmed. */
const publisher: EventPublisher = {
  maxBatch: 10,
  publish: async (events) => {
    const failed = new Map<string, string>()
    for (const { event } of events)
      try {
        consume(event)
      } catch (error) {
        failed.set(event.id, String(error))
      }
    return { failed }
  },
}

const store = new InMemoryOutboxStore() // yours: a table beside your data
const relay = makeRelay({ publisher, store })
const sweep = makeSweep({ store, relay, clock: { now: () => new Date() } })

/** One change: the aggregate's version 1, told by one event. `add` stands for the transaction that also writes the aggregate. */
const open = (subject: string) => {
  const id = crypto.randomUUID()
  const event = {
    specversion: '1.0',
    id,
    type: 'account.opened.v1',
    subject,
    sequence: '0000000001',
  } as const
  const envelope = seal('acme', [event], new Date(Date.now() - 120_000))
  store.add(envelope)
  return envelope
}
// </example>

it('carries what was committed to the consumer once, whether it was relayed, relayed twice or swept', async () => {
  const relayed = open('acc_1')
  open('acc_2') // nobody relays this one: the process died after its commit

  expect(await relay([relayed])).toEqual({ published: 1, unpublished: [] })
  expect(await relay([relayed])).toEqual({ published: 1, unpublished: [] })
  expect(effects).toEqual(['acc_1 account.opened.v1'])

  const limits = { olderThanSeconds: 60, deadline: new Date(Date.now() + 30_000) }
  expect(await sweep(limits)).toMatchObject({ published: 1, unpublished: [], unreadable: [] })
  expect(effects).toEqual(['acc_1 account.opened.v1', 'acc_2 account.opened.v1'])
})

it('stands in the README as it runs here', () => {
  const source = readFileSync(import.meta.filename, 'utf8')
  const example = source.slice(source.indexOf('// <example>\n') + 13, source.indexOf('// </example>'))
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  expect(readme).toContain(example.replaceAll(/'\.\/(.*)\.ts'/g, "'@stockroom/outbox/$1'"))
})
