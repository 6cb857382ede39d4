import { expect, test } from 'vitest'
import { currencyExponent } from './currency-exponent.ts'
import { Currency } from './money.ts'

test.each([
  ['EUR', 2],
  ['JPY', 0],
  ['KWD', 3],
])('%s has %i decimals', (code, exponent) => {
  expect(currencyExponent(Currency.parse(code))).toBe(exponent)
})
