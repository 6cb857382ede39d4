import { isDeepStrictEqual } from 'node:util'
import type { Exchange } from '../history.ts'
import type { Rule } from '../rules.ts'
import { codeOf } from '../shop-client.ts'

/** A problem names the request that it answers, so two answers differ in that and in nothing else. */
const essence = ({ answer }: Exchange): unknown => {
  const body = answer?.body
  return {
    status: answer?.status,
    body: typeof body === 'object' && body !== null ? { ...body, correlationId: undefined } : body,
  }
}

const identityOf = ({ request: { merchant, method, path, idempotencyKey } }: Exchange): string =>
  JSON.stringify([merchant, method, path, idempotencyKey])

/** All that was asked under one key: the same body is answered alike, another one is told that the key is taken. */
export const answersAgree: Rule = {
  name: 'I9 a key is answered once, and then always alike',
  breaches: ({ history }) => {
    const answered = history.exchanges.filter(
      ({ request, answer }) => request.idempotencyKey !== undefined && answer !== undefined,
    )
    return [...Map.groupBy(answered, identityOf).values()].flatMap((exchanges) => {
      // Whoever's body was taken first; with it every other answer must agree.
      const winner = exchanges.find(({ answer }) => codeOf(answer?.body) !== 'idempotency.key_reused')
      if (winner === undefined) return [`${identityOf(exchanges[0] as Exchange)}: nobody's body was taken`]
      return exchanges.flatMap((exchange) => {
        const same = isDeepStrictEqual(exchange.request.body, winner.request.body)
        const key = exchange.request.idempotencyKey
        if (same && !isDeepStrictEqual(essence(exchange), essence(winner)))
          return [`${key}: ${JSON.stringify(essence(winner))}, then ${JSON.stringify(essence(exchange))}`]
        if (!same && codeOf(exchange.answer?.body) !== 'idempotency.key_reused')
          return [`${key}: another body was answered ${exchange.answer?.status}`]
        return []
      })
    })
  },
}
