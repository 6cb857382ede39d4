/**
 * A 32-bit number that depends on all parts and on nothing else: FNV-1a, then murmur3's finalizer, so that seeds and
 * counters that differ in one bit lead to unrelated numbers.
 */
export const seededHash = (...parts: readonly (string | number)[]): number => {
  let value = 0x811c9dc5
  for (const part of parts) {
    const text = String(part)
    for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
    value = Math.imul(value ^ 0x1f, 0x01000193) // so that ('ab', 'c') is not ('a', 'bc')
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/** As {@link seededHash}, from 0 up to but not including 1. */
export const seededFraction = (...parts: readonly (string | number)[]): number =>
  seededHash(...parts) / 2 ** 32

/** A copy in an order that depends on `seed` and on the number of elements only. */
export const seededShuffle = <T>(elements: readonly T[], seed: string | number): T[] =>
  elements
    .map((element, index) => ({ element, index, rank: seededHash(seed, index) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ element }) => element)
