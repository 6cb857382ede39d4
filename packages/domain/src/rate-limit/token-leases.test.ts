import { expect, test } from 'vitest'
import { tokensLeft, untilNextToken } from './token-leases.ts'

const limit = { perSecond: 10, burst: 20 }

test.each([
  [undefined, 20],
  [-5_000, 20],
  [0, 20],
  [100, 19],
  [150, 18],
  [2_000, 0],
  [60_000, 0],
])('a bucket that is full in %s ms holds %i tokens', (fullAt, tokens) => {
  expect(tokensLeft(limit, fullAt, 0)).toBe(tokens)
})

test.each([
  [2_000, 100],
  [60_000, 58_100],
  [1_900, 0],
])('a bucket that is full in %i ms has a token in %i ms', (fullAt, wait) => {
  expect(untilNextToken(limit, fullAt, 0)).toBe(wait)
})
