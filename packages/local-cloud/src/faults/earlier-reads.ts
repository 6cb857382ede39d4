import type { Clock } from '../clock.ts'
import type { JsonObject } from '../gateway/gateway-service.ts'
import type { ObservedCall } from '../gateway/interceptor.ts'
import { isObject } from './batch-entries.ts'

const kept = 1_000

/**
 * What eventually consistent reads answered last, so that the same read can be answered with that state again, for at most
 * `longestMs`: a replica or an index that lags behind (DynamoDB guide, HowItWorks.ReadConsistency).
 */
export class EarlierReads {
  readonly #clock: Clock
  readonly #longestMs: number
  /** By operation and request; oldest first. */
  readonly #answers = new Map<string, { readonly at: number; readonly output: JsonObject }>()

  constructor(clock: Clock, longestMs: number) {
    this.#clock = clock
    this.#longestMs = longestMs
  }

  /** Remembers an answer, unless the read was a consistent one or no read at all. */
  remember(call: ObservedCall, output: () => JsonObject): void {
    const key = keyOf(call)
    if (key === undefined) return
    this.#answers.delete(key)
    this.#answers.set(key, { at: this.#clock.now(), output: output() })
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > kept && oldest !== undefined) this.#answers.delete(oldest)
  }

  /** The last answer to the same read; undefined when there is none, when it is too old and for a consistent read. */
  before(call: ObservedCall): JsonObject | undefined {
    const key = keyOf(call)
    const answer = key === undefined ? undefined : this.#answers.get(key)
    return answer && this.#clock.now() - answer.at <= this.#longestMs ? answer.output : undefined
  }
}

const keyOf = ({ service, operation, input }: ObservedCall): string | undefined => {
  if (service !== 'dynamodb' || !isObject(input)) return undefined
  switch (operation) {
    case 'GetItem':
    case 'Query':
    case 'Scan':
      return input.ConsistentRead === true ? undefined : JSON.stringify([operation, input])
    case 'BatchGetItem': {
      const tables = Object.values(isObject(input.RequestItems) ? input.RequestItems : {})
      const consistent = tables.some((table) => isObject(table) && table.ConsistentRead === true)
      return consistent ? undefined : JSON.stringify([operation, input])
    }
    default:
      return undefined
  }
}
