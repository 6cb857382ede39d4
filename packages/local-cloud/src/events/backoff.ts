/** Milliseconds to wait before retry number `retry` (from 0): doubles from `first` up to `longest`. */
export const backoffMs = (retry: number, first: number, longest: number): number =>
  Math.min(longest, first * 2 ** retry)
