import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMinorUnits } from './parse-minor-units.ts'

test.each([
  ['12.5', 2, 1250],
  ['12.50', 2, 1250],
  ['12', 2, 1200],
  ['0', 2, 0],
  ['0.07', 2, 7],
  ['007.10', 2, 710],
  ['1200', 0, 1200],
  ['1.234', 3, 1234],
  ['9999999999999.99', 2, 999999999999999],
])('%s with %i decimals is %i', (text, exponent, amount) => {
  expect(parseMinorUnits(text, exponent)).toBe(amount)
})

test.each([
  ['12.505', 2],
  ['12.0', 0],
  ['-1', 2],
  ['+1', 2],
  ['1,50', 2],
  ['1.000,50', 2],
  ['1e3', 2],
  ['.5', 2],
  ['5.', 2],
  ['', 2],
  ['€5', 2],
  ['0x10', 2],
  ['１２', 2],
  ['NaN', 2],
  ['10000000000000.00', 2],
])('%j with %i decimals is no price', (text, exponent) => {
  expect(parseMinorUnits(text, exponent)).toBeUndefined()
})

test('reads back every amount of up to 15 digits exactly', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 999_999_999_999_999n), fc.integer({ min: 1, max: 4 }), (amount, exponent) => {
      const digits = String(amount).padStart(exponent + 1, '0')
      expect(parseMinorUnits(`${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`, exponent)).toBe(
        Number(amount),
      )
    }),
  )
})
