/**
 * Along which references other records may be asked for with a record: search parameters of R4, and where each reads.
 * https://hl7.org/fhir/R4/search.html#include
 */
import { type HeldType, heldTypes } from './held-types.ts'

interface Path {
  /** Of a Reference, by element names; every repetition counts. */
  readonly at: string
  readonly targets: readonly HeldType[]
}

const encounter: Path = { at: 'encounter', targets: ['Encounter'] }
const reasons: readonly HeldType[] = ['Condition', 'Observation', 'DocumentReference']

/** `Goal:addresses` is ours: R4 gives that reference no parameter. */
const paths: Readonly<Record<HeldType, Readonly<Record<string, Path>>>> = {
  CarePlan: {
    'activity-reference': { at: 'activity.reference', targets: ['ServiceRequest', 'Communication'] },
    'based-on': { at: 'basedOn', targets: ['CarePlan'] },
    'care-team': { at: 'careTeam', targets: ['CareTeam'] },
    condition: { at: 'addresses', targets: ['Condition'] },
    encounter,
    goal: { at: 'goal', targets: ['Goal'] },
    'part-of': { at: 'partOf', targets: ['CarePlan'] },
    replaces: { at: 'replaces', targets: ['CarePlan'] },
  },
  Encounter: {
    'based-on': { at: 'basedOn', targets: ['ServiceRequest'] },
    condition: { at: 'diagnosis.condition', targets: ['Condition'] },
    'part-of': { at: 'partOf', targets: ['Encounter'] },
    'reason-reference': { at: 'reasonReference', targets: ['Condition', 'Observation'] },
  },
  Condition: { encounter, 'evidence-detail': { at: 'evidence.detail', targets: heldTypes } },
  Consent: { 'source-reference': { at: 'sourceReference', targets: ['Consent', 'DocumentReference'] } },
  Goal: { addresses: { at: 'addresses', targets: ['Condition', 'Observation', 'ServiceRequest'] } },
  CareTeam: { encounter },
  Observation: {
    'based-on': { at: 'basedOn', targets: ['CarePlan', 'ServiceRequest'] },
    'derived-from': { at: 'derivedFrom', targets: ['DocumentReference', 'Observation'] },
    encounter,
    'has-member': { at: 'hasMember', targets: ['Observation'] },
  },
  ServiceRequest: {
    'based-on': { at: 'basedOn', targets: ['CarePlan', 'ServiceRequest'] },
    encounter,
    'reason-reference': { at: 'reasonReference', targets: reasons },
    replaces: { at: 'replaces', targets: ['ServiceRequest'] },
  },
  Communication: {
    'based-on': { at: 'basedOn', targets: ['CarePlan', 'ServiceRequest'] },
    encounter,
    'part-of': { at: 'partOf', targets: ['Communication'] },
  },
  DocumentReference: {
    encounter: { at: 'context.encounter', targets: ['Encounter'] },
    relatesto: { at: 'relatesTo.target', targets: ['DocumentReference'] },
  },
  RelatedPerson: {},
  Task: {
    'based-on': { at: 'basedOn', targets: ['CarePlan', 'ServiceRequest'] },
    encounter,
    focus: { at: 'focus', targets: heldTypes },
    'part-of': { at: 'partOf', targets: ['Task'] },
  },
}

export function includePath(type: HeldType, parameter: string): Path | undefined {
  return Object.hasOwn(paths[type], parameter) ? paths[type][parameter] : undefined
}

/** `CarePlan:goal`, as `_include` of the type takes it. */
export function includesOf(type: HeldType): readonly string[] {
  return Object.keys(paths[type]).map((name) => `${type}:${name}`)
}

/** As `_revinclude` of the type takes it. */
export function reverseIncludesOf(type: HeldType): readonly string[] {
  return heldTypes.flatMap((source) =>
    Object.entries(paths[source]).flatMap(([name, { targets }]) =>
      targets.includes(type) ? [`${source}:${name}`] : [],
    ),
  )
}
