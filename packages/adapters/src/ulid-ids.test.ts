import { ManualClock } from '@stockroom/domain/manual-clock'
import { decodeTime } from 'ulid'
import { expect, test } from 'vitest'
import { UlidIds } from './ulid-ids.ts'

test('identifiers differ and sort in the order they were made, also when the clock steps back', () => {
  const clock = new ManualClock()
  const ids = new UlidIds(clock)
  const made = Array.from({ length: 1_000 }, (_, i) => {
    if (i === 500) clock.advance(-60)
    return ids.next('ord')
  })
  expect(new Set(made).size).toBe(1_000)
  expect([...made].sort()).toEqual(made)
})

test('an identifier tells its kind and its time', () => {
  const id = new UlidIds(new ManualClock()).next('evt')
  expect(id).toMatch(/^evt_/)
  expect(decodeTime(id.slice(4))).toBe(Date.parse('2026-11-23T09:00:00Z'))
})
