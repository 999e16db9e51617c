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
