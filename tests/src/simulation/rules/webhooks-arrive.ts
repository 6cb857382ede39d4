import type { Rule } from '../rules.ts'

/**
 * An endpoint gets every event of its merchant and of its types that was committed after its registration was answered, unless it was told to be
 * gone; and the first arrivals of one subject come in order, except those that were asked for again.
 */
export const webhooksArrive: Rule = {
  name: 'I4 I6 I7 webhooks arrive, genuine, first arrivals in order and without a gap',
  breaches: ({ facts, history, inboxes }) => {
    const events = facts.envelopes.flatMap((envelope) =>
      envelope.events.map((event) => ({
        ...event,
        merchant: envelope.merchant,
        subject: envelope.aggregate,
      })),
    )
    const stateOf = new Map(
      facts.deliveries.map(({ endpointId, eventId, state }) => [`${endpointId} ${eventId}`, state]),
    )
    const replayed = new Set(
      history.exchanges.flatMap(
        ({ request }) => /\/deliveries\/(evt_\w+)\/replay$/.exec(request.path)?.[1] ?? [],
      ),
    )
    return facts.endpoints.flatMap((endpoint) => {
      const inbox = inboxes.get(endpoint.url)
      const known = history.subscriptions.find(({ id }) => id === endpoint.id)
      if (inbox === undefined || known === undefined)
        return [`${endpoint.id} is there and nobody was told of it`]
      const arrivals = new Map(inbox.events.map((event) => [event.id, event]))
      const missing = history.moods.has(`${known.inbox} gone`)
        ? []
        : events.filter(
            ({ id, type, merchant, time }) =>
              merchant === endpoint.merchant &&
              !type.startsWith('webhook.') &&
              (endpoint.eventTypes?.includes(type) ?? true) &&
              Date.parse(time) > known.at &&
              !(arrivals.has(id) && stateOf.get(`${endpoint.id} ${id}`) === 'delivered'),
          )
      return [
        ...missing.map(({ id, type, subject, sequence }) => {
          const state = stateOf.get(`${endpoint.id} ${id}`) ?? 'not there'
          const came = arrivals.has(id) ? 'arrived' : 'never arrived'
          return `${endpoint.id}: ${type} ${id} (${subject} ${sequence}) ${came}, its delivery is ${state}`
        }),
        ...inbox.refused.map((reason) => `${endpoint.id}: not genuine, ${reason}`),
        ...disorder(inbox.events.filter(({ id }) => !replayed.has(id))).map(
          (text) => `${endpoint.id}: ${text}`,
        ),
      ]
    })
  },
}

/** First arrivals that came after a later one of their subject. */
const disorder = (
  arrivals: readonly { readonly subject: string; readonly sequence: number }[],
): readonly string[] => {
  const last = new Map<string, number>()
  return arrivals.flatMap(({ subject, sequence }) => {
    const before = last.get(subject) ?? 0
    last.set(subject, Math.max(before, sequence))
    return sequence > before ? [] : [`${subject}: ${sequence} after ${before}`]
  })
}
