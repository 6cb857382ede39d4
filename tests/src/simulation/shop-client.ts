import type { Exchange, History } from './history.ts'
import type { ApiAnswer, ApiRequest, World } from './world.ts'

/** Longer than any fault lasts; a client that is still asking then has met a system that does not recover. */
const mostAttempts = 60

const isInProgress = ({ status, body }: ApiAnswer): boolean =>
  status === 409 && codeOf(body) === 'idempotency.in_progress'

/** The code of a problem document. */
export const codeOf = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string'
    ? body.code
    : undefined

/**
 * Asks as a careful shop does: after no answer, a 5xx, a 429 or a 409 that says the first attempt still runs, it sends the same request with the
 * same key again, until it is answered. Everything that the model asks may be repeated: keyed, or harmless.
 */
export const ask = async (
  world: World,
  history: History,
  request: ApiRequest,
  words: string,
): Promise<ApiAnswer | undefined> => {
  const exchange: Exchange = { request, at: world.now(), attempts: [], answer: undefined }
  history.exchanges.push(exchange)
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const answer = await world.call(request)
    exchange.attempts.push(answer)
    const told = answer === 'no answer' ? answer : shown(answer)
    history.note(`${request.merchant}: ${words}${attempt === 1 ? '' : `, attempt ${attempt}`} → ${told}`)
    if (answer !== 'no answer' && answer.status < 500 && answer.status !== 429 && !isInProgress(answer)) {
      exchange.answer = answer
      return answer
    }
    const asked = answer === 'no answer' ? 0 : Number(answer.headers['retry-after'] ?? 0)
    // Impatient at first: the attempt that nothing is known of may still be running.
    await world.wait(Math.max(asked, Math.min(30, 0.02 * attempt ** 2)))
  }
  return undefined
}

const shown = ({ status, body, headers }: ApiAnswer): string => {
  const id = typeof body === 'object' && body !== null && 'id' in body ? String(body.id) : ''
  const replayed = headers['idempotency-replayed'] === 'true' ? ' (replayed)' : ''
  return `${status} ${codeOf(body) ?? id}${replayed}`.trimEnd()
}
