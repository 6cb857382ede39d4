import type { Currency } from './money.ts'

/** How many decimals the currency's minor unit has, by CLDR: 2 for EUR, 0 for JPY, 3 for KWD; 2 for what is no currency. */
export const currencyExponent = (currency: Currency): number => {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions()
  if (maximumFractionDigits === undefined) throw new RangeError(`Intl knows no decimals of ${currency}`)
  return maximumFractionDigits
}
