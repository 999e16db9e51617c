/** A seeded source of chance (mulberry32), so that a run that failed can be run again with the same choices. */
export interface Random {
  /** From 0 to 1, without 1. */
  next(): number
  between(low: number, high: number): number
  pick<T>(from: readonly [T, ...T[]]): T
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    between: (low, high) => Math.round(low + next() * (high - low)),
    pick: (from) => from[Math.floor(next() * from.length)] ?? from[0],
  }
}
