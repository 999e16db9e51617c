/** Three-valued logic: what cannot be told keeps a deny and loses a permit. */
export type Truth = boolean | 'unknown'

export function and(...truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false
  return truths.includes('unknown') ? 'unknown' : true
}

export function or(...truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true
  return truths.includes('unknown') ? 'unknown' : false
}

/** An absent element is no constraint; an empty one is a fault, and no reason to let anything pass. */
export function anyOf<T>(listed: readonly T[] | undefined, test: (item: T) => Truth): Truth {
  if (listed === undefined) return true
  let unknown = listed.length === 0
  for (const item of listed) {
    const truth = test(item)
    if (truth === true) return true
    if (truth === 'unknown') unknown = true
  }
  return unknown ? 'unknown' : false
}
