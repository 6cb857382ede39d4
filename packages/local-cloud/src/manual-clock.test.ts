import { describe, expect, it } from 'vitest'
import { pause } from './clock.ts'
import { seededHash } from './faults/seeded-hash.ts'
import { ManualClock } from './manual-clock.ts'

describe('a manual clock', () => {
  it('runs timers by their moment, those of one moment in the order in which they were set', async () => {
    const clock = new ManualClock(0)
    const delays = Array.from({ length: 500 }, (_, index) => seededHash('delay', index) % 50)
    const ran: number[] = []
    for (const [index, delay] of delays.entries()) clock.schedule(delay, () => ran.push(index))

    await clock.advance(50)

    const expected = delays
      .map((delay, index) => ({ delay, index }))
      .sort((a, b) => a.delay - b.delay || a.index - b.index)
    expect(ran).toEqual(expected.map(({ index }) => index))
  })

  it('runs no timer that was cancelled, wherever it stood', async () => {
    const clock = new ManualClock(0)
    const ran: number[] = []
    const cancels = Array.from({ length: 200 }, (_, index) => {
      const delay = seededHash('delay', index) % 20
      return clock.schedule(delay, () => ran.push(delay))
    })
    for (const [index, cancel] of cancels.entries()) if (index % 3 === 0) cancel()
    cancels[0]?.()
    expect(clock.pending).toBe(133)

    await clock.advance(20)

    expect(ran).toHaveLength(133)
    expect(ran).toEqual([...ran].sort((a, b) => a - b))
    expect(clock.pending).toBe(0)
  })

  it('draws the order of one moment from its seed: the same each time, another for another seed', async () => {
    const run = async (seed: number) => {
      const clock = new ManualClock(0, { seed })
      const ran: number[] = []
      for (let index = 0; index < 20; index += 1) clock.schedule(index < 10 ? 5 : 9, () => ran.push(index))
      await clock.advance(9)
      return ran
    }
    const first = await run(1)
    expect(await run(1)).toEqual(first)
    expect(await run(2)).not.toEqual(first)
    expect(first.slice(0, 10).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('runs until a condition holds, and no further', async () => {
    const clock = new ManualClock(0)
    const ran: number[] = []
    const tick = async () => {
      for (;;) {
        await pause(clock, 1_000)
        ran.push(clock.now())
      }
    }
    void tick()
    expect(await clock.runUntil(() => ran.length === 3)).toBe(true)
    expect(clock.now()).toBe(3_000)
    expect(ran).toEqual([1_000, 2_000, 3_000])
    expect(await clock.runUntil(() => false, 1_500)).toBe(false)
    expect(clock.now()).toBe(4_500)
  })

  it('ends a run when no timer is left', async () => {
    const clock = new ManualClock(0)
    clock.schedule(7, () => {})
    expect(await clock.runUntil(() => false)).toBe(false)
    expect(clock.now()).toBe(7)
  })

  it('holds a million timers', async () => {
    const clock = new ManualClock(0)
    let ran = 0
    for (let index = 0; index < 1_000_000; index += 1) {
      const cancel = clock.schedule(seededHash(index) % 1_000_000, () => {
        ran += 1
      })
      if (index % 1_000 !== 0) cancel()
    }
    await clock.advance(1_000_000)
    expect(ran).toBe(1_000)
  })
})
