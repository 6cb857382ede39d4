/** A seeded source of choices: the same seed gives the same shop. */
export interface Random {
  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number
  /** True with probability `p`. */
  chance(p: number): boolean
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly [T, ...T[]]): T
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for a demo. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const integer = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    integer,
    chance: (p) => next() < p,
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
  }
}
