import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { MerchantId } from '../merchant-id.ts'
import { InMemoryTokenLeases } from './in-memory-token-leases.ts'
import { makeRateLimiter } from './rate-limiter.ts'
import type { TokenLeases } from './token-leases.ts'

const acme = MerchantId.parse('acme')
const limit = { perSecond: 100, burst: 200 }

/** Environments that share the buckets; `failure` is what the store does instead of answering. */
const aFleet = (environments: number) => {
  const clock = new ManualClock()
  const shared = new InMemoryTokenLeases(limit, clock)
  const seen = { leases: 0, unlimited: 0, failures: [] as unknown[], failure: undefined as Error | undefined }
  const leases: TokenLeases = {
    lease: async (merchant, wanted) => {
      seen.leases += 1
      if (seen.failure !== undefined) throw seen.failure
      return shared.lease(merchant, wanted)
    },
  }
  const fleet = Array.from({ length: environments }, () =>
    makeRateLimiter({
      leases,
      limit,
      clock,
      onFailure: (error) => seen.failures.push(error),
      onUnlimited: () => void seen.unlimited++,
    }),
  )
  /** So many requests, spread over the environments one after another; how many passed. */
  const ask = async (requests: number, merchant = acme): Promise<number> => {
    let passed = 0
    for (let n = 0; n < requests; n++)
      if ((await fleet[n % environments]?.(merchant))?.outcome === 'passed') passed += 1
    return passed
  }
  return { clock, seen, ask, answer: () => fleet[0]?.(acme) }
}

test('a merchant in its rate passes always, at a fraction of a lease for each request', async () => {
  const { clock, seen, ask } = aFleet(4)
  for (let second = 0; second < 60; second++) {
    expect(await ask(90)).toBe(90)
    clock.advance(1)
  }
  expect(seen.leases).toBeLessThan((60 * 90) / 8)
})

test('a merchant beyond its rate gets the rate, its burst, and at most one burst more', async () => {
  const { clock, ask } = aFleet(8)
  let passed = 0
  for (let tick = 0; tick < 600; tick++) {
    passed += await ask(40)
    clock.advance(0.1)
  }
  expect(passed).toBeGreaterThan(60 * 100)
  expect(passed).toBeLessThanOrEqual(60 * 100 + 2 * 200)
})

test('a token that was leased long ago is worth nothing', async () => {
  const { clock, seen, ask } = aFleet(1)
  await ask(100)
  const leases = seen.leases
  clock.advance(3_600)
  await ask(1)
  expect(seen.leases).toBe(leases + 1)
})

test('one merchant does not feel what another does', async () => {
  const { ask } = aFleet(2)
  await ask(1_000)
  expect(await ask(50, MerchantId.parse('globex'))).toBe(50)
})

test('who is refused is told whole seconds, at least one, and the store is not asked again before', async () => {
  const { clock, seen, ask, answer } = aFleet(1)
  await ask(1_000)
  const { leases } = seen
  expect(await answer()).toEqual({ outcome: 'refused', retryAfterSeconds: 1 })
  expect(seen.leases).toBe(leases)
  clock.advance(1)
  expect(await answer()).toEqual({ outcome: 'passed' })
})

test('requests pass while the store fails, counted each and told once until it has answered again', async () => {
  const { clock, seen, ask } = aFleet(1)
  for (const outage of [1, 2]) {
    seen.failure = new Error('no answer')
    expect(await ask(500)).toBe(500)
    clock.advance(1)
    expect(await ask(500)).toBe(500)
    expect([seen.unlimited, seen.failures.length]).toEqual([1_000 * outage, outage])
    seen.failure = undefined
    clock.advance(1)
    await ask(1)
    clock.advance(3_600)
  }
})

test('a store that fails is asked once a second and not by every request', async () => {
  const { clock, seen, ask } = aFleet(1)
  seen.failure = new Error('slow')
  for (let second = 0; second < 10; second++) {
    await ask(100)
    clock.advance(1)
  }
  expect(seen.leases).toBe(10)
})

test('remembers a bounded number of merchants', async () => {
  const { seen, ask } = aFleet(1)
  // Leases one token, then two, and has one left.
  await ask(2)
  for (let n = 0; n < 1_000; n++) await ask(1, MerchantId.parse(`m-${n}`))
  const { leases } = seen
  await ask(1)
  expect(seen.leases).toBe(leases + 1)
})
