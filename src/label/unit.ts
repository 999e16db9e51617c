/** The parts of a resource that are decided one by one: every repetition of every top-level element. */
import type { Resource } from '@medplum/fhirtypes'

/** What a resource cannot be without: if one of these may not go out, nothing of it may. By itself it says nothing. */
const frames: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['CarePlan', frame('intent')],
  ['Encounter', frame('class')],
  ['Goal', frame('lifecycleStatus')],
  ['CareTeam', frame()],
  ['Observation', frame(...choice('effective', 'DateTime Period Timing Instant'), 'issued')],
  [
    'ServiceRequest',
    frame(
      'intent',
      'priority',
      'doNotPerform',
      'authoredOn',
      ...choice('occurrence', 'DateTime Period Timing'),
    ),
  ],
  ['Communication', frame('priority', 'sent', 'received')],
  ['DocumentReference', frame('docStatus', 'date')],
  ['Task', frame('for', 'intent', 'priority', 'authoredOn', 'lastModified', 'executionPeriod')],
])

/**
 * What it says, and what that is of. It is one part, decided with the labels of all of it, as the code says what the value
 * is about; and without it the rest would say something else, or nothing: then nothing goes.
 */
const cores: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Goal', new Set(['description'])],
  [
    'Observation',
    new Set([
      'code',
      'dataAbsentReason',
      'focus',
      'bodySite',
      'method',
      ...choice(
        'value',
        'Quantity CodeableConcept String Boolean Integer Range Ratio SampledData Time DateTime Period',
      ),
    ]),
  ],
  [
    'ServiceRequest',
    new Set([
      'code',
      'orderDetail',
      'bodySite',
      ...choice('quantity', 'Quantity Ratio Range'),
      ...choice('asNeeded', 'Boolean CodeableConcept'),
    ]),
  ],
  ['Communication', new Set(['payload'])],
  // A label that the source put on a document holds for all of it.
  ['DocumentReference', new Set(['type', 'content', 'securityLabel'])],
  // To approve or to change says nothing without what it is done to.
  ['Task', new Set(['code', 'description', 'focus'])],
])

/** https://hl7.org/fhir/R4/formats.html#choice */
function choice(element: string, types: string): readonly string[] {
  return types.split(' ').map((type) => `${element}${type}`)
}

function frame(...own: readonly string[]): ReadonlySet<string> {
  // A modifier changes what the rest means, so a resource is never sent without it.
  const always = ['resourceType', 'id', 'meta', 'implicitRules', 'modifierExtension', 'language', 'status']
  return new Set([...always, 'subject', 'period', ...own])
}

export interface Unit {
  readonly path: string
  readonly value: unknown
}

export interface Units {
  readonly frame: readonly Unit[]
  readonly content: readonly Unit[]
}

/** Whether whatever stands at this path is of the core: `Observation.valueQuantity`. */
export function isCore(path: string): boolean {
  const [, type = '', element = ''] = /^(\w+)\.(\w+)/.exec(path) ?? []
  return cores.get(type)?.has(element) ?? false
}

/** An element that a type which is split is never without, once it goes out. */
export function isKeptInPart(type: string, element: string): boolean {
  return (frames.get(type)?.has(element) ?? false) || (cores.get(type)?.has(element) ?? false)
}

/** Resources of other types are released or withheld whole. */
export function isSplittable({ resourceType }: { readonly resourceType: string }): boolean {
  return frames.has(resourceType)
}

export function unitsOf(resource: Resource): Units {
  const type = resource.resourceType
  const inFrame = frames.get(type) ?? new Set<string>()
  const units = { frame: [] as Unit[], content: [] as Unit[] }
  for (const [key, value] of Object.entries(resource)) {
    // `_title` is the other half of `title` (https://hl7.org/fhir/R4/json.html#primitive).
    const element = key.replace(/^_/, '')
    // A contained resource shares the fate of the elements that point to it (R4 dom-3, dom-5).
    if (element === 'contained') continue
    const unit = { path: `${type}.${element}`, value }
    if (inFrame.has(element)) units.frame.push(unit)
    else for (const each of repetitions(unit)) units.content.push(each)
  }
  return units
}

function repetitions({ path, value }: Unit): readonly Unit[] {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => ({ path: `${path}[${index}]`, value: item }))
  }
  // Encounter.hospitalization holds admission and discharge, which different units write: field by field.
  if (path === 'Encounter.hospitalization' && typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, field]) => ({
      path: `${path}.${key.replace(/^_/, '')}`,
      value: field,
    }))
  }
  return [{ path, value }]
}

const UNIT = /^\w+\.(?:hospitalization\.)?\w+(?:\[\d+\])?/

/** `CarePlan.activity[2].detail` is of the unit `CarePlan.activity[2]`; `CarePlan` is of none: it is of all. */
export function unitPathOf(path: string): string | undefined {
  return UNIT.exec(path)?.[0]
}

/** The unit that whatever stands at this path is decided with: of a type that is not split, the whole. */
export function unitOf(resourceType: string, path: string): string {
  return (frames.has(resourceType) ? unitPathOf(path) : undefined) ?? resourceType
}
