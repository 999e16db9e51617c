/** Visits every code, text and reference in a piece of FHIR JSON, whatever its type. https://hl7.org/fhir/R4/json.html */

/** DS4P: a label put on one element. https://hl7.org/fhir/uv/security-label-ds4p/ */
const INLINE_LABEL =
  'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label'

export interface TextFound {
  readonly text: string
  /** `heading` and `free` are free text that nobody classified; `other` is a name, a display, a code, classified text. */
  readonly kind: 'free' | 'heading' | 'other'
  /** What goes when the text must go: the annotation, the concept, the extension or the property. */
  readonly path: string
}

export interface Visitor {
  coding(coding: { readonly system: string | undefined; readonly code: string | undefined }): void
  text(found: TextFound): void
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
  readonly inlineLabelled: boolean
}

/** `path` is the element that the value stands at, such as `CarePlan.note[0]`. */
export function walk(value: unknown, path: string, visitor: Visitor): void {
  const key = path.replace(/^.*\./, '').replace(/\[\d+\]$/, '')
  visit(value, { path, key, owner: undefined, classified: false, inlineLabelled: false }, visitor)
}

function visit(value: unknown, place: Place, visitor: Visitor): void {
  if (typeof value === 'string') visitText(value, place, visitor)
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      visit(item, { ...place, path: `${place.path}[${index}]` }, visitor)
  } else if (typeof value === 'object' && value !== null) visitObject(value, place, visitor)
}

function visitObject(value: object, place: Place, visitor: Visitor): void {
  const fields = new Map<string, unknown>(Object.entries(value))
  const inlineLabelled = place.inlineLabelled || hasInlineLabel(fields)
  const classified = inlineLabelled || hasKnownCode(fields, visitor)
  // A person's name and address carry `text` as well, and that is not clinical text.
  const isName = place.key === 'name' || place.key === 'address'
  if (isCoding(fields)) {
    visitor.coding({ system: stringOf(fields, 'system'), code: stringOf(fields, 'code') })
  }
  const reference = stringOf(fields, 'reference')
  if (reference !== undefined) visitor.reference(reference, place.path)
  for (const [key, field] of fields) {
    const path = `${place.path}.${key.replace(/^_/, '')}`
    // An Annotation, concept or Narrative is nothing without its text; an extension or attachment is known by its url.
    const owner = key === 'text' || key === 'div' || fields.has('url') ? place.path : undefined
    visit(field, { path, key, owner, classified: classified || isName, inlineLabelled }, visitor)
  }
}

function isCoding(fields: ReadonlyMap<string, unknown>): boolean {
  // An Identifier has a system and a value, a Quantity a number beside its code; both are harmless to look up.
  return typeof fields.get('code') === 'string' || (fields.has('system') && !fields.has('value'))
}

function hasKnownCode(fields: ReadonlyMap<string, unknown>, visitor: Visitor): boolean {
  const code = fields.get('code')
  const concept =
    typeof code === 'object' && code !== null && 'coding' in code ? code.coding : fields.get('coding')
  return (
    Array.isArray(concept) &&
    concept.some((item: unknown) => {
      if (typeof item !== 'object' || item === null) return false
      const coding = new Map<string, unknown>(Object.entries(item))
      return visitor.isKnown(stringOf(coding, 'system'), stringOf(coding, 'code'))
    })
  )
}

function hasInlineLabel(fields: ReadonlyMap<string, unknown>): boolean {
  const extensions = fields.get('extension')
  return (
    Array.isArray(extensions) &&
    extensions.some(
      (item: unknown) =>
        typeof item === 'object' && item !== null && 'url' in item && item.url === INLINE_LABEL,
    )
  )
}

/** Strings that a person wrote as prose. `display` goes with its code, so it is only searched for words. */
function isFreeText(key: string): boolean {
  return FREE_TEXT.has(key) || /(?:String|Markdown|Base64Binary)$/.test(key)
}
const FREE_TEXT: ReadonlySet<string> = new Set(
  'text div description comment conclusion instructions patientInstruction data'.split(' '),
)

function visitText(text: string, place: Place, visitor: Visitor): void {
  const { key, path, owner } = place
  // Only the text of a concept and the description beside a code are the code in words; a note is its own statement.
  const classified = place.inlineLabelled || (place.classified && (key === 'text' || key === 'description'))
  if (classified) visitor.text({ text, kind: 'other', path })
  else if (key === 'title') visitor.text({ text, kind: 'heading', path })
  else if (isFreeText(key)) visitor.text({ text, kind: 'free', path: owner ?? path })
  else visitor.text({ text, kind: 'other', path })
}

function stringOf(fields: ReadonlyMap<string, unknown>, key: string): string | undefined {
  const value = fields.get(key)
  return typeof value === 'string' && value !== '' ? value : undefined
}
