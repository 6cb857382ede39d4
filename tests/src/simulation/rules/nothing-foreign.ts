import type { Rule } from '../rules.ts'

const anyId = /\b(?:ord|upl|evt|whk)_[0-9A-HJKMNP-TV-Z]{26}/g

/** No answer and no webhook holds an id of another merchant, except those that the asker named. */
export const nothingForeign: Rule = {
  name: 'I10 no merchant sees what belongs to another',
  breaches: ({ facts, history, inboxes }) => {
    const owners = new Map<string, string>()
    for (const { merchant, id } of [...facts.orders, ...facts.uploads, ...facts.endpoints])
      owners.set(id, merchant)
    for (const { merchant, events } of facts.envelopes) for (const { id } of events) owners.set(id, merchant)
    const foreign = (merchant: string, text: string, named = '') =>
      [...new Set(text.match(anyId))].filter(
        (id) => !named.includes(id) && (owners.get(id) ?? merchant) !== merchant,
      )
    const endpoints = new Map(history.subscriptions.map(({ inbox, merchant }) => [inbox, merchant]))
    return [
      ...history.exchanges.flatMap(({ request, attempts }) =>
        attempts.flatMap((answer) =>
          answer === 'no answer'
            ? []
            : foreign(
                request.merchant,
                JSON.stringify([answer.body, answer.headers]),
                JSON.stringify([request.path, request.body]),
              ).map((id) => `${request.merchant} got ${id} from ${request.method} ${request.path}`),
        ),
      ),
      ...[...inboxes].flatMap(([url, { events }]) => {
        const merchant = endpoints.get(url.slice(url.lastIndexOf('/') + 1))
        return events.flatMap((event) =>
          event.merchant === merchant && foreign(event.merchant, `${event.id} ${event.subject}`).length === 0
            ? []
            : [`${url} of ${merchant} got ${event.id} of ${event.merchant}`],
        )
      }),
    ]
  },
}
