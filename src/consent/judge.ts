/** What all consents together say about one unit: denies override, permits are pooled, neither order nor date counts. */
import type { Candidate, Bystander } from './candidate.ts'
import type { Basis } from './decision.ts'
import { denialAmong, evaluate, type Finding, pool } from './evaluate.ts'
import { missesByNearness, type Outcome, type ReasonCode } from './reason.ts'
import type { Rule } from './rule.ts'
import { completeCoverage } from './security-label.ts'
import type { UnitLabels } from './unit-labels.ts'

export interface Judgement {
  readonly outcome: Outcome
  readonly reason: ReasonCode
  readonly basis: readonly Basis[]
}

export interface Standing {
  readonly candidates: readonly Candidate[]
  readonly bystanders: readonly Bystander[]
}

/** In this order: a deny, a deny that cannot be excluded, complete coverage, coverage that cannot be excluded, none. */
export function judge({ candidates, bystanders }: Standing, unit: UnitLabels): Judgement {
  const heard = candidates.map((candidate) => ({
    candidate,
    finding: evaluate(candidate.root, unit, candidate.defects.length === 0),
  }))
  const findings = heard.map(({ finding }) => finding)
  const denial = denialAmong(findings)
  if (denial) {
    const speaking = heard.filter(({ finding }) => finding.denied === denial.denied)
    const reason = denial.denied === 'unknown' ? 'indeterminate' : denialReason(denial)
    return {
      outcome: denial.denied === 'yes' ? 'denied' : 'indeterminate',
      reason,
      basis: basisOf(speaking, 'deciding'),
    }
  }
  const { cover, possible } = pool(findings)
  const complete = completeCoverage(unit)
  if (cover === complete) return { outcome: 'permit', reason: 'permitted', basis: basisOf(heard, 'deciding') }
  if ((cover | possible) === complete) {
    const defective = heard.some(
      ({ candidate, finding }) => candidate.defects.length > 0 && finding.possible !== 0,
    )
    const reason = defective ? 'consent-defective' : 'indeterminate'
    return { outcome: 'indeterminate', reason, basis: basisOf(heard, 'deciding', 'doubtful') }
  }
  return nearestMiss(candidates, bystanders)
}

function denialReason({ deciding }: Finding): ReasonCode {
  return deciding.every((rule) => rule.securityLabel !== undefined) ? 'label-denied' : 'denied'
}

interface Heard {
  readonly candidate: Candidate
  readonly finding: Finding
}

type Part = 'deciding' | 'doubtful'

function basisOf(heard: readonly Heard[], ...parts: readonly [Part, ...Part[]]): readonly Basis[] {
  return sortedBasis(
    heard.flatMap(({ candidate, finding }) =>
      parts.flatMap((part) => finding[part]).map((rule) => entryOf(candidate, rule.path)),
    ),
  )
}

function entryOf({ version }: Pick<Candidate, 'version'>, provision: string): Basis {
  return { consent: version.id, version: version.versionId, provision }
}

/** By id, version and provision, each once: the same inputs give the same answer, byte for byte. */
export function sortedBasis(entries: readonly Basis[]): readonly Basis[] {
  if (entries.length < 2) return entries
  const byKey = new Map(
    entries.map((entry) => [`${entry.consent}\n${entry.version}\n${entry.provision}`, entry]),
  )
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
}

/** Nothing permits it: say what the permit that came nearest does not cover. */
function nearestMiss(candidates: readonly Candidate[], bystanders: readonly Bystander[]): Judgement {
  const misses = [
    ...bystanders.map(({ version, reason }) => ({ reason, entry: entryOf({ version }, 'provision') })),
    ...candidates.flatMap((candidate) =>
      permitsIn(candidate.root).map((rule) => ({
        reason: rule.miss ?? ('label-not-covered' as const),
        entry: entryOf(candidate, rule.path),
      })),
    ),
  ]
  const nearest =
    missesByNearness.findLast((reason) => misses.some((miss) => miss.reason === reason)) ?? 'no-consent'
  const basis = sortedBasis(misses.filter(({ reason }) => reason === nearest).map(({ entry }) => entry))
  return { outcome: 'no-consent', reason: nearest, basis: nearest === 'no-consent' ? [] : basis }
}

function permitsIn(rule: Rule): readonly Rule[] {
  return [...(rule.effect === 'permit' ? [rule] : []), ...rule.children.flatMap(permitsIn)]
}
