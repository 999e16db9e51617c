/**
 * A decision about one resource, once more, when others that it points to may not go to the same recipient: no trace of
 * them may stay. Whoever decides about the others hands in their names.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Decision, Obligation } from '#consent/decision.ts'
import { unitLabels } from '#consent/unit-labels.ts'
import { ACT_CODE_SYSTEM } from '#label/code-system.ts'
import { builtInRules, type ElementLabel, type LabelRecord } from '#label/label-record.ts'
import { isSplittable, unitPathOf, unitsOf } from '#label/unit.ts'
import { leftUnclassified } from './left-unclassified.ts'
import { type Names, pointersIn } from './names.ts'
import { pointersTo } from './pointers.ts'
import { takeOut } from './take-out.ts'

const REDACT: Obligation = { system: ACT_CODE_SYSTEM, code: 'REDACT' }

interface LabelledResource {
  readonly resource: Resource
  readonly labels: LabelRecord
}

/** `withheld` are the names of what this recipient may not have: `namesOf()`. */
export function withholdReferences(
  { resource, labels }: LabelledResource,
  decision: Decision,
  withheld: Names,
): Decision {
  const isAsked = decision.effect === 'permit' && decision.reason !== 'own-record'
  if (!isAsked || withheld.references.size + withheld.identifiers.size === 0) return decision
  const gone = new Set(decision.withheld.map(({ path }) => path))
  const cut = pointersTo(resource, withheld)
  if (cut === 'all') return lost(decision)
  const paths = cut.filter((path) => ![...gone].some((one) => isWithin(path, one)))
  if (paths.length === 0) return decision
  for (const path of paths) gone.add(path)
  const unclassified = leftUnclassified(resource, labels, (path) =>
    [...gone].some((one) => isWithin(path, one)),
  )
  if (!unclassified) return lost(decision)
  for (const { path } of unclassified) gone.add(path)
  if (!saysAnything(takeOut(resource, gone))) return lost(decision)
  const isRedacted = decision.obligations.some(({ code }) => code === 'REDACT')
  return {
    ...decision,
    reason: decision.reason === 'permitted' ? 'permitted-in-part' : decision.reason,
    obligations: isRedacted ? decision.obligations : [REDACT, ...decision.obligations],
    withheld: [
      ...decision.withheld,
      ...paths.map((path) => ({ path, reason: 'reference-withheld' as const })),
      ...unclassified,
    ],
    remaining: remainingLabels({ resource, labels }, gone, withheld),
  }
}

/** What is left is no plan, and no contact, of which anybody could make sense. */
function lost({ basis }: Decision): Decision {
  return { effect: 'deny', reason: 'reference-withheld', basis, obligations: [], withheld: [] }
}

function saysAnything(resource: Resource): boolean {
  return !isSplittable(resource) || unitsOf(resource).content.some(({ path }) => !path.endsWith('.text'))
}

function isWithin(path: string, whole: string): boolean {
  return path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`)
}

/** As the labels of a release in part, and without those that came over a reference which is gone now. */
function remainingLabels(
  { resource, labels }: LabelledResource,
  gone: ReadonlySet<string>,
  withheld: Names,
): NonNullable<Decision['remaining']> {
  const { frame, content } = unitsOf(resource)
  const units = new Map([...frame, ...content].map(({ path, value }) => [path, value]))
  const stays = ({ path, rule }: ElementLabel): boolean => {
    if (NEVER_IN_PART.test(path) || [...gone].some((one) => isWithin(path, one))) return false
    const unit = units.get(path)
    const cutInside = [...gone].some((one) => unitPathOf(one) === path)
    return rule !== builtInRules.referenced || !cutInside || pointsElsewhere(unit, withheld)
  }
  const { sensitivities, confidentiality } = unitLabels(labels.elements.filter(stays), [])
  return { ruleSetVersion: labels.ruleSetVersion, sensitivities: [...sensitivities].sort(), confidentiality }
}

/** Labels of tags and of contained resources that nothing points to: none of them goes out in part. */
const NEVER_IN_PART = /^\w+\.(?:meta|contained|text)\b/

function pointsElsewhere(unit: unknown, withheld: Names): boolean {
  const { references, identifiers } = pointersIn(unit)
  return (
    references.difference(withheld.references).size + identifiers.difference(withheld.identifiers).size > 0
  )
}
