/** What all consents together say about one unit: denies override, permits are pooled, neither order nor date counts. */
import type { Bystander, Candidate } from './candidate.ts'
import type { Basis } from './decision.ts'
import { denialAmong, evaluate, type Finding, pool } from './evaluate.ts'
import { missesByNearness, type Outcome, type ReasonCode } from './reason.ts'
import type { Rule } from './rule.ts'
import { completeCoverage } from './security-label.ts'
import type { Speaker, Standing } from './standing.ts'
import type { UnitLabels } from './unit-labels.ts'

export interface Judgement {
  readonly outcome: Outcome
  readonly reason: ReasonCode
  readonly basis: readonly Basis[]
  /** Somebody said no, or it cannot be excluded: no law that yields to an objection applies. */
  readonly objected?: true
}

interface Heard {
  readonly speaker: Speaker
  readonly finding: Finding
}

/** In this order: a block, a deny, a deny that cannot be excluded, complete coverage, coverage that cannot be excluded, none. */
export function judge({ speakers, bystanders }: Standing, unit: UnitLabels): Judgement {
  const heard = withoutLifted(
    speakers.map((speaker) => ({ speaker, finding: hear(speaker, unit) })),
    unit,
  )
  const findings = heard.map(({ finding }) => finding)
  const denial = denialAmong(findings)
  if (denial) return denied(heard, denial)
  const { cover, possible } = pool(findings)
  const complete = completeCoverage(unit)
  if (cover === complete) return { outcome: 'permit', reason: 'permitted', basis: basisOf(heard, 'deciding') }
  if ((cover | possible) === complete) {
    return {
      outcome: 'indeterminate',
      reason: doubtAmong(heard),
      basis: basisOf(heard, 'deciding', 'doubtful'),
    }
  }
  return nearestMiss(speakers, bystanders)
}

function hear({ candidate, doubt, lapsed }: Speaker, unit: UnitLabels): Finding {
  const finding = evaluate(candidate.root, unit, doubt === undefined)
  return lapsed
    ? {
        ...finding,
        cover: 0,
        possible: 0,
        deciding: finding.denied === 'no' ? [] : finding.deciding,
        doubtful: [],
      }
    : finding
}

/** A block counts unless a consent that names it permits all of the unit. Nothing else outranks one. */
function withoutLifted(heard: readonly Heard[], unit: UnitLabels): readonly Heard[] {
  const lifted = heard.flatMap(({ speaker, finding }) =>
    speaker.doubt === undefined && finding.cover === completeCoverage(unit) ? speaker.lifts : [],
  )
  return lifted.length === 0 ? heard : heard.filter(({ speaker }) => !lifted.includes(speaker.candidate))
}

function denied(heard: readonly Heard[], denial: Finding): Judgement {
  const speaking = heard.filter(({ finding }) => finding.denied === denial.denied)
  const blocking = speaking.filter(({ speaker }) => speaker.block)
  const basis = basisOf(blocking.length > 0 ? blocking : speaking, 'deciding')
  if (denial.denied === 'unknown')
    return { outcome: 'indeterminate', reason: 'indeterminate', basis, objected: true }
  const reason = blocking.length > 0 ? 'national-block' : denialReason(denial)
  return { outcome: 'denied', reason, basis, objected: true }
}

function denialReason({ deciding }: Finding): ReasonCode {
  return deciding.every((rule) => rule.securityLabel !== undefined) ? 'label-denied' : 'denied'
}

/** Of several, the one that a person can do most about, whatever the order of the consents. */
const DOUBTS: readonly ReasonCode[] = [
  'form-not-written',
  'performer-too-young',
  'representative-ended',
  'representative-unverified',
  'consent-defective',
]

function doubtAmong(heard: readonly Heard[]): ReasonCode {
  const doubts = heard.filter(({ finding }) => finding.possible !== 0).map(({ speaker }) => speaker.doubt)
  return DOUBTS.find((reason) => doubts.includes(reason)) ?? 'indeterminate'
}

type Part = 'deciding' | 'doubtful'

function basisOf(heard: readonly Heard[], ...parts: readonly [Part, ...Part[]]): readonly Basis[] {
  return sortedBasis(
    heard.flatMap(({ speaker, finding }) =>
      parts.flatMap((part) => finding[part]).map((rule) => entryOf(speaker.candidate, rule.path)),
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
function nearestMiss(speakers: readonly Speaker[], bystanders: readonly Bystander[]): Judgement {
  const misses = [
    ...bystanders.map(({ version, reason }) => ({ reason, entry: entryOf({ version }, 'provision') })),
    ...speakers.flatMap(({ candidate, lapsed }) =>
      permitsIn(candidate.root).map((rule) => ({
        reason: rule.miss ?? (lapsed ? ('consent-lapsed' as const) : ('label-not-covered' as const)),
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
