/** What all consents together say about one unit: denies override, permits are pooled, neither order nor date counts. */
import type { LawRuleId } from '#law/legal-frame.ts'
import type { Bystander, Candidate } from './candidate.ts'
import type { Basis } from './decision.ts'
import { denialAmong, evaluate, type Finding, pool } from './evaluate.ts'
import { missesByNearness, type Outcome, type ReasonCode } from './reason.ts'
import type { Rule } from './rule.ts'
import { completeCoverage, type Coverage } from './security-label.ts'
import type { Doubt, Speaker, Standing } from './standing.ts'
import type { UnitLabels } from './unit-labels.ts'

export interface Judgement {
  readonly outcome: Outcome
  readonly reason: ReasonCode
  readonly basis: readonly Basis[]
  /** Somebody said no, or it cannot be excluded: no law that yields to an objection applies. */
  readonly objected?: true
  /** The rule of national law that decided. */
  readonly law?: LawRuleId
}

export interface Heard {
  readonly speaker: Speaker
  readonly finding: Finding
}

export function judge(standing: Standing, unit: UnitLabels): Judgement {
  const complete = completeCoverage(unit)
  const heard = standing.speakers.map((speaker) => ({ speaker, finding: hear(speaker, unit) }))
  return weigh(withoutLifted(heard, complete), standing, complete)
}

/** In this order: a block, a deny, a deny that cannot be excluded, complete coverage, coverage that cannot be excluded, none. */
export function weigh(
  heard: readonly Heard[],
  { speakers, bystanders }: Standing,
  complete: Coverage,
): Judgement {
  const findings = heard.map(({ finding }) => finding)
  const denial = denialAmong(findings)
  if (denial) return denied(heard, denial)
  const { cover, possible } = pool(findings)
  if (cover === complete) return { outcome: 'permit', reason: 'permitted', basis: basisOf(heard, 'deciding') }
  if ((cover | possible) === complete) {
    return {
      outcome: 'indeterminate',
      ...doubtAmong(heard),
      basis: basisOf(heard, 'deciding', 'doubtful'),
    }
  }
  return nearestMiss(speakers, bystanders)
}

/** `lapsed`: its permits are over, and what is denied is denied still. */
export function hear({ candidate, doubt, lapsed }: Speaker, unit: UnitLabels): Finding {
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
export function withoutLifted<T extends Heard>(heard: readonly T[], complete: Coverage): readonly T[] {
  const lifted = heard.flatMap(({ speaker, finding }) =>
    speaker.doubt === undefined && finding.cover === complete ? speaker.lifts : [],
  )
  return lifted.length === 0 ? heard : heard.filter(({ speaker }) => !lifted.includes(speaker.candidate))
}

function denied(heard: readonly Heard[], denial: Finding): Judgement {
  const speaking = heard.filter(({ finding }) => finding.denied === denial.denied)
  const blocking = speaking.filter(({ speaker }) => speaker.block !== undefined)
  const basis = basisOf(blocking.length > 0 ? blocking : speaking, 'deciding')
  if (denial.denied === 'unknown')
    return { outcome: 'indeterminate', reason: 'indeterminate', basis, objected: true }
  const [law] = blocking.flatMap(({ speaker }) => speaker.block ?? []).sort()
  return law === undefined
    ? { outcome: 'denied', reason: denialReason(denial), basis, objected: true }
    : { outcome: 'denied', reason: 'national-block', basis, objected: true, law }
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

function doubtAmong(heard: readonly Heard[]): Doubt {
  const doubts = heard.flatMap(({ speaker, finding }) =>
    finding.possible !== 0 && speaker.doubt ? [speaker.doubt] : [],
  )
  for (const reason of DOUBTS) {
    const found = doubts.filter((doubt) => doubt.reason === reason)
    const [law] = found.flatMap((doubt) => doubt.law ?? []).sort()
    if (found.length > 0) return { reason, ...(law !== undefined && { law }) }
  }
  return { reason: 'indeterminate' }
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
  const misses: readonly Miss[] = [
    ...bystanders.map(({ version, reason }) => ({ reason, entry: entryOf({ version }, 'provision') })),
    ...speakers.flatMap(missesOf),
  ]
  const reason =
    missesByNearness.findLast((each) => misses.some((miss) => miss.reason === each)) ?? 'no-consent'
  const nearest = misses.filter((miss) => miss.reason === reason)
  const [law] = nearest.flatMap((miss) => miss.law ?? []).sort()
  const basis = reason === 'no-consent' ? [] : sortedBasis(nearest.map(({ entry }) => entry))
  return { outcome: 'no-consent', reason, basis, ...(law !== undefined && { law }) }
}

interface Miss {
  readonly reason: ReasonCode
  readonly entry: Basis
  readonly law?: LawRuleId
}

function missesOf({ candidate, lapsed }: Speaker): readonly Miss[] {
  return permitsIn(candidate.root).map(({ miss, path, code, securityLabel }) => {
    const entry = entryOf(candidate, path)
    if (miss) return { reason: miss, entry }
    if (lapsed !== undefined) return { reason: 'consent-lapsed', entry, law: lapsed }
    return { reason: code && !securityLabel ? 'data-not-covered' : 'label-not-covered', entry }
  })
}

function permitsIn(rule: Rule): readonly Rule[] {
  return [...(rule.effect === 'permit' ? [rule] : []), ...rule.children.flatMap(permitsIn)]
}
