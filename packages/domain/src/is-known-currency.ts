const known = new Set(Intl.supportedValuesOf('currency'))

/** Whether a code of the right form is a currency of the world, by CLDR. Apart from `Currency`, whose codes are stored: what was one stays readable. */
export const isKnownCurrency = (code: string): boolean => known.has(code)
