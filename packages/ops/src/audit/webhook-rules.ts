import type { Rule } from './check.ts'
import type { EndpointFact, EventFact, Facts } from './facts.ts'

/** The events that an endpoint must have got: its merchant's, of its types, since it was registered. */
const eventsFor = (endpoint: EndpointFact, { envelopes }: Facts): EventFact[] =>
  envelopes
    .filter(({ merchant }) => merchant === endpoint.merchant)
    .flatMap(({ events }) => events)
    // `webhook.` events are the sender's own business and go to nobody.
    .filter(({ type }) => !type.startsWith('webhook.'))
    .filter(({ type, time }) => (endpoint.eventTypes?.includes(type) ?? true) && time > endpoint.createdAt)

/** Each endpoint has one delivery of each of its events, and it succeeded. */
export const eventsAreDelivered: Rule = (facts) => {
  const stateOf = new Map(
    facts.deliveries.map(({ endpointId, eventId, state }) => [`${endpointId} ${eventId}`, state]),
  )
  return {
    promise: 'every event was delivered',
    counted: `${facts.deliveries.length} deliveries to ${facts.endpoints.length} endpoints`,
    breaches: facts.endpoints.flatMap((endpoint) =>
      eventsFor(endpoint, facts).flatMap(({ id, type }) => {
        const state = stateOf.get(`${endpoint.id} ${id}`)
        return state === 'delivered' ? [] : [`${endpoint.id}: ${type} ${id} is ${state ?? 'not there'}`]
      }),
    ),
  }
}

/** The receivers saw each event, first arrivals in order, and nothing forged. Needs receivers that can be asked. */
export const receiversAgree: Rule = (facts, inboxes) => {
  const repeats = [...inboxes.values()]
    .flatMap(({ events }) => events)
    .reduce((sum, { arrivals }) => sum + arrivals - 1, 0)
  return {
    promise: 'receivers saw all, in order',
    counted: `${inboxes.size} receivers, ${repeats} repeats dropped`,
    breaches: facts.endpoints.flatMap((endpoint) => {
      const inbox = inboxes.get(endpoint.url)
      if (inbox === undefined) return []
      const seen = new Set(inbox.events.map(({ id }) => id))
      return [
        ...eventsFor(endpoint, facts)
          .filter(({ id }) => !seen.has(id))
          .map(({ id, type }) => `${endpoint.id}: ${type} ${id} never arrived`),
        ...inbox.events
          .filter(({ merchant }) => merchant !== endpoint.merchant)
          .map(({ id, merchant }) => `${endpoint.id}: ${id} belongs to ${merchant}`),
        ...inbox.disorder.map((text) => `${endpoint.id}: out of order, ${text}`),
        ...inbox.refused.map((reason) => `${endpoint.id}: not genuine, ${reason}`),
      ]
    }),
  }
}
