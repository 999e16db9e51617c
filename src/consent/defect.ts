/** What makes a consent unfit to permit anything. Its denies still apply. https://hl7.org/fhir/R4/consent.html */
import type { Consent, ConsentProvision, Reference } from '@medplum/fhirtypes'
import { policyEffect } from './base-decision.ts'
import type { LocalInstant } from './instant.ts'
import { positionIn } from './period.ts'
import { typeOf } from './rule.ts'

export interface Defect {
  readonly code: keyof typeof defects
  /** Of the element to blame, such as `Consent.provision.provision[0].type`. */
  readonly expression: string
}

export const defects = {
  'policy-missing': 'neither `policy` nor `policyRule` says what the consent rests on',
  'base-undetermined': 'nothing says whether the consent permits or denies outside its provisions',
  'base-contradictory': '`policyRule` and the outermost provision disagree',
  'performer-unverified': 'somebody other than the patient consented, and no proof of authority is known',
  'recorded-by-recipient': 'the organisation that it favours sent it in itself',
  'modifier-unknown': 'a modifier that is not understood may turn the meaning round',
  'type-missing': 'a nested provision says neither permit nor deny',
  'nesting-too-deep': 'provisions are nested deeper than 8 levels',
  'period-unreadable': 'a period is no period, or ends before it starts',
} as const

/** Deeper than anybody can read; what stands below still denies. */
const MAX_DEPTH = 8

export function defectsOf(consent: Consent, at: LocalInstant): readonly Defect[] {
  const found: Defect[] = []
  const add = (code: Defect['code'], expression: string) => found.push({ code, expression })
  if (!consent.policy?.length && !consent.policyRule) add('policy-missing', 'Consent.policyRule')
  const own = consent.provision && typeOf(consent.provision)
  const policy = policyEffect(consent)
  if (!own && !policy) add('base-undetermined', 'Consent.provision.type')
  if (own && policy && own !== policy) add('base-contradictory', 'Consent.policyRule')
  if (!isByPatient(consent)) add('performer-unverified', 'Consent.performer')
  for (const expression of modifiersOf(consent)) add('modifier-unknown', expression)
  if (consent.provision)
    found.push(...defectsOfProvision(consent.provision, 'Consent.provision', { depth: 0, at }))
  return found
}

function defectsOfProvision(
  provision: ConsentProvision,
  expression: string,
  { depth, at }: { depth: number; at: LocalInstant },
): readonly Defect[] {
  const found: Defect[] = []
  const modified = [
    ...(provision.modifierExtension ? [`${expression}.modifierExtension`] : []),
    ...modifiedItems(provision.actor, `${expression}.actor`),
    ...modifiedItems(provision.data, `${expression}.data`),
  ]
  found.push(...modified.map((place) => ({ code: 'modifier-unknown' as const, expression: place })))
  if (depth > 0 && !typeOf(provision)) found.push({ code: 'type-missing', expression: `${expression}.type` })
  if (depth > MAX_DEPTH) found.push({ code: 'nesting-too-deep', expression })
  if (positionIn(provision.period, at) === 'unreadable') {
    found.push({ code: 'period-unreadable', expression: `${expression}.period` })
  }
  const nested = (provision.provision ?? []).flatMap((child, index) =>
    defectsOfProvision(child, `${expression}.provision[${index}]`, { depth: depth + 1, at }),
  )
  return [...found, ...nested]
}

/** Nobody named means the patient. Whether another person had the authority is not known here yet. */
function isByPatient({ performer, patient }: Consent): boolean {
  return (
    performer === undefined ||
    (performer.length > 0 && performer.every((person) => isSamePerson(person, patient)))
  )
}

function isSamePerson(one: Reference, other: Reference | undefined): boolean {
  if (one.reference !== undefined && one.reference === other?.reference) return true
  const [ours, theirs] = [one.identifier, other?.identifier]
  return (
    Boolean(ours?.system && ours.value) && ours?.system === theirs?.system && ours?.value === theirs?.value
  )
}

/** R4 allows modifiers on the resource and its own parts, and nowhere inside the data types that it uses. */
function modifiersOf({ modifierExtension, implicitRules, policy, verification }: Consent): readonly string[] {
  return [
    ...(modifierExtension ? ['Consent.modifierExtension'] : []),
    ...(implicitRules === undefined ? [] : ['Consent.implicitRules']),
    ...modifiedItems(policy, 'Consent.policy'),
    ...modifiedItems(verification, 'Consent.verification'),
  ]
}

function modifiedItems(
  items: readonly { modifierExtension?: unknown }[] | undefined,
  expression: string,
): readonly string[] {
  return (items ?? []).flatMap((item, index) =>
    item.modifierExtension === undefined ? [] : [`${expression}[${index}].modifierExtension`],
  )
}
