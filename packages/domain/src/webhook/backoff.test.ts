import { describe, expect, test } from 'vitest'
import { backoffSeconds, longestWaitSeconds, retryAfterSeconds } from './backoff.ts'

const now = new Date('2026-11-23T09:00:00.000Z')
const middle = () => 0.5

describe('the wait after a failed attempt', () => {
  test('grows from 5 seconds to 10 hours, and ends after the eighth attempt', () => {
    const waits = Array.from({ length: 8 }, (_, tries) => backoffSeconds(tries + 1, 0, middle))
    expect(waits).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, undefined])
  })

  test('varies by a tenth to either side, and always fits what SQS can hide', () => {
    expect(backoffSeconds(2, 0, () => 0)).toBe(270)
    expect(backoffSeconds(2, 0, () => 0.999_999)).toBeCloseTo(330)
    expect(backoffSeconds(7, 0, () => 0.999_999)).toBeLessThanOrEqual(longestWaitSeconds)
    expect(longestWaitSeconds).toBeLessThan(12 * 3_600)
  })

  test('is longer when the receiver asks for it, never shorter, never beyond the bound', () => {
    expect(backoffSeconds(1, 120, middle)).toBe(120)
    expect(backoffSeconds(2, 1, middle)).toBe(300)
    expect(backoffSeconds(1, 999_999_999, middle)).toBe(longestWaitSeconds)
    expect(backoffSeconds(8, 120, middle)).toBeUndefined()
  })
})

describe('a Retry-After header', () => {
  test.each([
    ['120', 120],
    ['0', 0],
    ['Mon, 23 Nov 2026 09:05:00 GMT', 300],
    ['Monday, 23-Nov-26 09:05:00 GMT', 300],
    ['Mon, 23 Nov 2026 08:00:00 GMT', 0],
    ['-5', 0],
    ['1e9', 0],
    ['soon', 0],
    ['', 0],
    [undefined, 0],
  ])('of %j means %i seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds)
  })
})
