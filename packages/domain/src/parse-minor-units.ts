/**
 * `12.5` with two decimals is 1250: integer minor units made of the digits themselves, so that no float rounds a price.
 * `undefined` for anything else than digits with at most `exponent` decimals behind a point, or more than 15 digits in all.
 */
export const parseMinorUnits = (text: string, exponent: number): number | undefined => {
  const [, whole, decimals = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined || decimals.length > exponent) return undefined
  const digits = whole.replace(/^0+/, '') + decimals.padEnd(exponent, '0')
  return digits.length > 15 ? undefined : Number(digits)
}
