import { expect, it } from 'vitest'
import { percentile } from './percentile.ts'

it('is the value of the nearest rank', () => {
  const values = [5, 1, 4, 2, 3]
  expect([0, 0.5, 0.8, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 3, 4, 5, 5])
})

it('refuses to speak of no values', () => {
  expect(() => percentile([], 0.5)).toThrow(RangeError)
})
