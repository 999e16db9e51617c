/** Visits every code, text and reference in a piece of FHIR JSON, whatever its type. https://hl7.org/fhir/R4/json.html */
import { normalizeSystem } from './code-system.ts'
import { isClassified } from './inline-label.ts'

export interface TextFound {
  readonly text: string
  /** `heading` and `free` are text that nobody classified; `other` is a name, a date, a code or the words of one. */
  readonly kind: 'free' | 'heading' | 'other'
  /** What goes when the text must go: the annotation, the concept, the extension or the property. */
  readonly path: string
}

export interface Visitor {
  coding(coding: { readonly system: string | undefined; readonly code: string | undefined }): void
  text(found: TextFound): void
  /** `Type/id`, `#id`, a URL; or `system|value` of an identifier, which points as a reference does. */
  reference(reference: string, path: string): void
  /** Whether the code is of a system that can be judged: such a code classifies the text beside it. */
  isKnown(system: string | undefined, code: string | undefined): boolean
}

interface Place {
  readonly path: string
  readonly key: string
  /** What goes with the text: its annotation, concept, extension or attachment, else the property itself. */
  readonly owner: string | undefined
  /** The object that the value stands in, when it has a code that can be judged or an inline label. */
  readonly classified: boolean
  /** The object that the value stands in is a code, an organisation or a person, so that its display is a name. */
  readonly named: boolean
  readonly inlineLabelled: boolean
}

/** `path` is the element that the value stands at, such as `CarePlan.note[0]`. */
export function walk(value: unknown, path: string, visitor: Visitor): void {
  const key = path.replace(/^.*\./, '').replace(/\[\d+\]$/, '')
  const top = { owner: undefined, classified: false, named: false, inlineLabelled: false }
  visit(value, { ...top, path, key }, visitor)
}

function visit(value: unknown, place: Place, visitor: Visitor): void {
  if (typeof value === 'string') visitText(value, place, visitor)
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      visit(item, { ...place, path: `${place.path}[${index}]` }, visitor)
  } else if (isObject(value)) visitObject(value, place, visitor)
}

type Fields = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function visitObject(fields: Fields, place: Place, visitor: Visitor): void {
  const inlineLabelled = place.inlineLabelled || isClassified(fields)
  const classified = inlineLabelled || hasKnownCode(fields, visitor)
  // A person's name and address carry `text` as well, and that is not clinical text.
  const isName = place.key === 'name' || place.key === 'address'
  // How one document relates to another is a code of R4's own, without a system: `replaces`.
  if (isCoding(fields) && place.key !== 'relatesTo') {
    visitor.coding({ system: stringOf(fields, 'system'), code: stringOf(fields, 'code') })
  }
  // What an extension says is in its url as much as in its value: one that nobody knows may mean anything.
  const url = stringOf(fields, 'url')
  if (url !== undefined) visitor.coding({ system: url, code: url })
  const reference = stringOf(fields, 'reference')
  if (reference !== undefined) visitor.reference(reference, place.path)
  const [system, number] = [stringOf(fields, 'system'), stringOf(fields, 'value')]
  if (system !== undefined && number !== undefined)
    visitor.reference(`${normalizeSystem(system)}|${number.trim()}`, place.path)
  const named = has(fields, 'code') || has(fields, 'system') || namesParty(place)
  const known = has(fields, 'url')
  for (const [key, field] of Object.entries(fields)) {
    const path = `${place.path}.${key.replace(/^_/, '')}`
    // An Annotation, concept or Narrative is nothing without its text; an extension or attachment is known by its url.
    const owner = key === 'text' || key === 'div' || known ? place.path : undefined
    visit(field, { path, key, owner, classified: classified || isName, named, inlineLabelled }, visitor)
  }
}

function has(fields: Fields, key: string): boolean {
  return Object.hasOwn(fields, key)
}

function isCoding(fields: Fields): boolean {
  // An Identifier has a system and a value, a Quantity a number beside its code; both are harmless to look up.
  return typeof fields['code'] === 'string' || (has(fields, 'system') && !has(fields, 'value'))
}

function hasKnownCode(fields: Fields, visitor: Visitor): boolean {
  const { code } = fields
  if (typeof code === 'string') return visitor.isKnown(stringOf(fields, 'system'), code)
  const concept = isObject(code) && 'coding' in code ? code['coding'] : fields['coding']
  return (
    Array.isArray(concept) &&
    concept.some(
      (item: unknown) => isObject(item) && visitor.isKnown(stringOf(item, 'system'), stringOf(item, 'code')),
    )
  )
}

/** Elements that say who or where. A display anywhere else is the title of what is referred to, or a code without one. */
const PARTIES: ReadonlySet<string> = new Set(
  `asserter assigner authenticator author careTeam contributor custodian destination expressedBy individual location
  locationReference managingOrganization member onBehalfOf organization origin owner participant patient performer practitioner
  recipient recorder requester sender serviceProvider source subject who`.split(/\s+/),
)

/** In a Consent the party stands in `actor.reference`; the `reference` of an activity is what is to be done. */
function namesParty({ key, path }: Pick<Place, 'key' | 'path'>): boolean {
  return PARTIES.has(key) || /\.actor\[\d+\]\.reference$/.test(path)
}

/**
 * Properties whose strings are no prose, in all types. Whatever stands nowhere in this list is taken for prose: a type or
 * an extension that nobody thought of then withholds too much, never too little.
 */
const NOT_PROSE: ReadonlySet<string> = new Set(
  `city clinicalStatus code comparator contentType country criticality dayOfWeek daysOfWeek district docStatus durationUnit family
  gender given hash id implicitRules intent kind language lifecycleStatus line linkId mode name periodUnit postalCode
  prefix priority profile rank reference resourceType state status suffix system type url use value version
  when`.split(/\s+/),
)

/** https://hl7.org/fhir/R4/datatypes.html#dateTime, and a time of day. */
const TIME = /^\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.]{5,18}(?:Z|[+-]\d\d:\d\d))?)?)?$|^\d\d:\d\d:\d\d(?:\.\d{1,9})?$/

function isProse(text: string, { key, named, classified }: Place): boolean {
  // The words of a code go with the code; a unit of measure that has one is `mg`, else it may be `bottles of wine`.
  if (key === 'display') return !named
  if (key === 'unit') return !classified
  return !NOT_PROSE.has(key) && !TIME.test(text)
}

function visitText(written: string, place: Place, visitor: Visitor): void {
  const { key, path, owner } = place
  // In base64 a word is chance, and a megabyte of it takes long to look through.
  const text = key === 'data' ? '' : written
  // Only the text of a concept and the description beside a code are the code in words; a note is its own statement.
  const classified = place.inlineLabelled || (place.classified && (key === 'text' || key === 'description'))
  if (classified) visitor.text({ text, kind: 'other', path })
  else if (key === 'title' || path === 'CareTeam.name') visitor.text({ text, kind: 'heading', path })
  else if (isProse(text, place)) visitor.text({ text, kind: 'free', path: owner ?? path })
  else visitor.text({ text, kind: 'other', path })
}

function stringOf(fields: Fields, key: string): string | undefined {
  const value = fields[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}
