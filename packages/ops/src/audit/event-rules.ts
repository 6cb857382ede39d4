import type { Rule } from './check.ts'
import type { EventFact } from './facts.ts'

/** Every state an order went through left as exactly one event, and no event is without its change. */
export const ordersMatchEvents: Rule = ({ orders, envelopes }) => {
  const eventsOf = new Map<string, EventFact[]>()
  for (const { merchant, aggregate, events } of envelopes)
    if (events.some(({ type }) => type.startsWith('order.')))
      eventsOf.set(`${merchant}/${aggregate}`, [
        ...(eventsOf.get(`${merchant}/${aggregate}`) ?? []),
        ...events,
      ])
  const breaches = orders.flatMap(({ merchant, id, status, version }) => {
    const key = `${merchant}/${id}`
    const found = (eventsOf.get(key) ?? []).toSorted((a, b) => a.sequence - b.sequence)
    eventsOf.delete(key)
    const expected = ['order.placed.v1 1', ...(status === 'placed' ? [] : [`order.${status}.v1 2`])]
    const actual = found.map(({ type, sequence }) => `${type} ${sequence}`)
    return actual.join() === expected.join() && version === expected.length
      ? []
      : [`${id}: ${status} at version ${version}, events ${actual.join(', ') || 'none'}`]
  })
  return {
    promise: 'every change left as one event',
    counted: `${envelopes.reduce((sum, { events }) => sum + events.length, 0)} events`,
    breaches: [...breaches, ...[...eventsOf.keys()].map((key) => `${key}: events of no order`)],
  }
}

/** The outbox is drained. */
export const envelopesArePublished: Rule = ({ envelopes }) => ({
  promise: 'every event was published',
  counted: `${envelopes.length} envelopes`,
  breaches: envelopes
    .filter(({ pending }) => pending)
    .map(
      ({ merchant, aggregate, events }) =>
        `${merchant}/${aggregate}: ${events.map(({ type }) => type).join(', ')} waits`,
    ),
})
