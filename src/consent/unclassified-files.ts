/**
 * Files that nobody classified: pictures, letters, scans. Their content is bytes, which no rule reads, so none goes with a
 * part of a plan. https://hl7.org/fhir/R4/datatypes.html#Attachment
 */
import type { Resource } from '@medplum/fhirtypes'
import { isClassified } from '#label/inline-label.ts'
import type { Withheld } from './decision.ts'

/** An Attachment goes with what it stands in; any other is known by its form, as in `Media.content`. */
const FILES = ['valueAttachment', 'contentAttachment', 'attachment', 'photo', 'sourceAttachment']

export class UnclassifiedFiles {
  /** `#id` of each contained resource that is one, has one, or leads to one. */
  readonly #holders = new Set<string>()

  constructor(resource: Resource) {
    const contained: unknown = 'contained' in resource ? resource.contained : undefined
    const pointedToBy = new Map<string, string[]>()
    for (const inner of Array.isArray(contained) ? (contained as readonly unknown[]) : []) {
      if (typeof inner !== 'object' || inner === null) continue
      const id = `#${'id' in inner ? String(inner.id) : ''}`
      const isBinary = 'resourceType' in inner && inner.resourceType === 'Binary'
      const isHolder = isBinary || this.in(inner, '').length > 0
      if (isHolder) this.#holders.add(id)
      for (const target of localReferencesIn(inner))
        pointedToBy.set(target, [...(pointedToBy.get(target) ?? []), id])
    }
    // A set grows under its own iteration, and takes nobody twice: that ends circles.
    for (const holder of this.#holders)
      for (const from of pointedToBy.get(holder) ?? []) this.#holders.add(from)
  }

  /** What goes with each file: the extension that it is in, or the reference to what contains it. */
  in(value: unknown, path: string): readonly Withheld[] {
    const found: Withheld[] = []
    const look = (each: unknown, at: string): void => {
      if (Array.isArray(each)) for (const [index, item] of each.entries()) look(item, `${at}[${index}]`)
      else if (typeof each === 'object' && each !== null && !isClassified(each)) {
        if (this.#isFile(each)) found.push({ path: at, reason: 'attachment-unclassified' })
        else for (const [key, field] of Object.entries(each)) look(field, `${at}.${key.replace(/^_/, '')}`)
      }
    }
    look(value, path)
    return found
  }

  #isFile(value: object): boolean {
    return (
      FILES.some((key) => key in value && !isLabelled(Reflect.get(value, key))) ||
      'contentType' in value ||
      ('reference' in value && typeof value.reference === 'string' && this.#holders.has(value.reference))
    )
  }
}

/** The file itself, as the element that it stands in may hold more than it. */
function isLabelled(attachment: unknown): boolean {
  return typeof attachment === 'object' && attachment !== null && isClassified(attachment)
}

function localReferencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const own =
    'reference' in value && typeof value.reference === 'string' && value.reference.startsWith('#')
      ? [value.reference]
      : []
  return [...own, ...Object.values(value).flatMap(localReferencesIn)]
}
