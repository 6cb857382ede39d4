import { InvalidArgumentError } from 'commander'

/** Parses an option that is a whole number within bounds. */
export const integer =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = Number(text)
    if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value
    throw new InvalidArgumentError(`Give a whole number from ${minimum} to ${maximum}.`)
  }
