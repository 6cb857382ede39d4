import type { Currency } from './money.ts'

const known = new Set(Intl.supportedValuesOf('currency'))

/** How many decimals the currency's minor unit has: 2 for EUR, 0 for JPY, 3 for KWD. `undefined` for a code that is no currency. */
export const currencyExponent = (currency: Currency): number | undefined =>
  known.has(currency)
    ? new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits
    : undefined
