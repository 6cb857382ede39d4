import type { EffectOutcome, IdempotentEffect } from '@stockroom/lambda/idempotent-effect'
import * as z from 'zod/mini'
import type { ExecutionEnvironment } from './execution-environment.ts'

interface Kept {
  readonly fingerprint: string
  /** JSON; absent while the first attempt runs. */
  readonly result?: string
  /** Milliseconds since the epoch: until then nobody else may try. */
  readonly lockedUntil: number
}

/** Powertools' idempotency records, with its promises and its gaps: a lock that ends with the invocation, and no fencing. */
export class InMemoryIdempotencyRecords {
  readonly #records = new Map<string, Kept>()

  /** The effect as functions of `environment` perform it; an attempt that is cut off holds the lock for `lockMs`. */
  for(environment: ExecutionEnvironment, now: () => number, lockMs: number): IdempotentEffect {
    return async (request, schema, effect) => {
      const { merchant, principal, route, key, fingerprint } = request
      const id = JSON.stringify([merchant, principal, route, key])
      const lock = { fingerprint, lockedUntil: now() + lockMs }
      const found = await environment.call('PutItem', async () => this.#take(id, lock, now()))
      if (found !== undefined && found.fingerprint !== fingerprint) return { outcome: 'key_reused' }
      if (found !== undefined && found.result === undefined) return { outcome: 'in_progress' }
      if (found?.result !== undefined)
        return { outcome: 'replayed', result: z.parse(schema, JSON.parse(found.result)) }
      const release = async (error: unknown): Promise<never> => {
        await environment.call('DeleteItem', async () => this.#records.delete(id))
        throw error
      }
      const result = await effect().catch(release)
      const kept = { ...lock, result: JSON.stringify(result) }
      await environment.call('UpdateItem', async () => this.#records.set(id, kept))
      return { outcome: 'performed', result } satisfies EffectOutcome<typeof result>
    }
  }

  /** Takes the lock; returns what is there if somebody else has it or has ended. */
  #take(id: string, lock: Kept, now: number): Kept | undefined {
    const there = this.#records.get(id)
    if (there !== undefined && (there.result !== undefined || there.lockedUntil > now)) return there
    this.#records.set(id, lock)
    return undefined
  }
}
