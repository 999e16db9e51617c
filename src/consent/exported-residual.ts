/**
 * The part of a residual list that a foreign enforcement point may be handed: however it reads the list, it releases no
 * more than we would. https://profiles.ihe.net/ITI/PCF/other.html
 */
import { CONFIDENTIALITY_SYSTEM } from '#label/code-system.ts'
import type { ResidualEntry, ResidualStep } from './residual.ts'

/** Undefined when the two readings of PCF differ: that the last match counts, and that a permit overrides a forbid. */
export function exportedResidual(steps: readonly ResidualStep[]): readonly ResidualEntry[] | undefined {
  const entries = steps.filter(isSafePermit).map(({ entry }) => widened(entry))
  const isAmbiguous = entries.some(
    (permit, index) =>
      permit.type === 'permit' &&
      entries.slice(index + 1).some((later) => later.type === 'forbid' && mayShareData(permit, later)),
  )
  return isAmbiguous ? undefined : entries
}

/**
 * Left out are permits inside of an exception, permits in words that PCF does not have (a reader that passes them over
 * permits everything), and permits by sensitivity: others release on any label that matches, and we only when each is covered.
 */
function isSafePermit({ entry, depth }: ResidualStep): boolean {
  if (entry.type === 'forbid') return true
  const byLevel = entry.securityLabel?.every(({ system }) => system === CONFIDENTIALITY_SYSTEM) ?? true
  return depth <= 1 && !entry.class && !entry.code && byLevel
}

/** We find a code by all that lies below it, and a literal reader would not: without the code the entry forbids more. */
function widened(entry: ResidualEntry): ResidualEntry {
  const { code: _, ...rest } = entry
  return rest
}

/** Only levels of confidentiality are known to exclude each other: data has one. */
function mayShareData(permit: ResidualEntry, forbid: ResidualEntry): boolean {
  const [permitted, forbidden] = [permit.securityLabel, forbid.securityLabel]
  if (!permitted || !forbidden) return true
  return forbidden.some(
    ({ system, code }) => system !== CONFIDENTIALITY_SYSTEM || permitted.some((each) => each.code === code),
  )
}
