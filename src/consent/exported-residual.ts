/**
 * The part of a residual list that a foreign enforcement point may be handed: however it reads the list, it releases no
 * more than we would. https://profiles.ihe.net/ITI/PCF/other.html
 */
import { CONFIDENTIALITY_SYSTEM } from '#label/code-system.ts'
import { RESOURCE_TYPE_SYSTEM } from './class-match.ts'
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
function isSafePermit({ entry, depth, isUnclear }: ResidualStep): boolean {
  if (entry.type === 'forbid') return true
  const byLevel = entry.securityLabel?.every(({ system }) => system === CONFIDENTIALITY_SYSTEM) ?? true
  return depth <= 1 && !isUnclear && !entry.class && !entry.code && byLevel
}

/**
 * With us a forbid holds where nobody can tell: data without a date, a code below the one listed, what may be related. A
 * literal reader would let that go, so such elements stay at home, and without them the entry forbids more.
 */
function widened(entry: ResidualEntry): ResidualEntry {
  if (entry.type === 'permit') return entry
  const { code: _, dataPeriod: __, data, class: classes, ...rest } = entry
  return {
    ...rest,
    ...(data?.every(({ meaning }) => meaning === 'instance') && { data }),
    ...(classes?.every(({ system }) => system === RESOURCE_TYPE_SYSTEM) && { class: classes }),
  }
}

/** Only levels of confidentiality are known to exclude each other: data has one. */
function mayShareData(permit: ResidualEntry, forbid: ResidualEntry): boolean {
  const [permitted, forbidden] = [permit.securityLabel, forbid.securityLabel]
  if (!permitted || !forbidden) return true
  return forbidden.some(
    ({ system, code }) => system !== CONFIDENTIALITY_SYSTEM || permitted.some((each) => each.code === code),
  )
}
