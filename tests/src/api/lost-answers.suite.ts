import { randomUUID } from 'node:crypto'
import { inParallel } from '@stockroom/outbox/in-parallel'
import { describe, expect, it } from 'vitest'
import { type Api, keyed } from './an-api.ts'

const mug = [{ sku: 'MUG', quantity: 1 }]

/** A function that dies, or is asked by many at once, while an order is placed: the key brings the one answer. */
export const lostAnswers = (api: () => Api) =>
  describe('an order whose function', () => {
    const reserved = async (): Promise<number> => (await api().call('GET', '/products/MUG')).body.reserved

    it.each(['before', 'after'] as const)(
      'is killed %s the commit is there once when it is asked for again',
      async (when) => {
        const { local, place } = api()
        const before = await reserved()
        const headers = keyed()
        let killed = 0
        const kill = async ({ operation, environmentId }: { operation: string; environmentId?: string }) =>
          environmentId !== undefined && operation === 'TransactWriteItems' && killed++ === 0
            ? ({ kind: 'kill caller' } as const)
            : undefined
        const stop = local.cloud.intercept({ [when]: kill })
        const lost = await place(mug, { headers })
        const again = await place(mug, { headers })
        stop()
        expect([lost.status, killed > 0]).toEqual([500, true])
        expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([
          201,
          when === 'after' ? 'true' : null,
        ])
        expect(await reserved()).toBe(before + 1)
      },
    )

    it('is asked fifty times under one key, by several processes at once, is placed once and answered alike', async () => {
      const { local, place } = api()
      const before = await reserved()
      const headers = keyed(randomUUID())
      const environments = new Set<string>()
      const stop = local.cloud.calls.subscribe(({ environmentId, operation }) => {
        if (environmentId !== undefined && operation === 'GetItem') environments.add(environmentId)
      })
      const answers: Awaited<ReturnType<Api['place']>>[] = []
      await inParallel(
        Array(50).fill(mug),
        8,
        async (lines) => void answers.push(await place(lines, { headers })),
      )
      stop()
      expect(environments.size).toBeGreaterThanOrEqual(2)
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
      expect(answers[0]?.status).toBe(201)
      expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') !== 'true')).toHaveLength(1)
      expect(await reserved()).toBe(before + 1)
    })
  })
