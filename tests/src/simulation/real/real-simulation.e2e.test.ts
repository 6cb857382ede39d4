import { afterAll, beforeAll, expect, it } from 'vitest'
import { openRealTier, type RealTier } from './real-tier.ts'
import { runRealSeeds } from './run-seeds.ts'

let tier: RealTier
beforeAll(() => {
  tier = openRealTier()
})
afterAll(() => tier.close())

it('no promise breaks in six random shops of 200 commands each, on real bundles and engines, with a fault in every tenth call', async () => {
  const failure = await runRealSeeds(tier, {
    seeds: Array.from({ length: 6 }, (_, index) => 1 + index),
    commands: 200,
    rate: 0.1,
    atOnce: 3,
    shrink: { seconds: 45, mostTries: 12 },
  })
  expect(failure?.text).toBeUndefined()
})
