/**
 * Where a resource points to something by one of its names, and what must go with it. A withheld resource leaves no
 * trace in another: not as a reference, in an extension, a logical identifier, a link, nor by its title.
 */
import type { Resource } from '@medplum/fhirtypes'
import { mentions, nameOfIdentifier, nameOfReference, type Names } from './names.ts'
import { goesWithMention, goesWithReference } from './what-goes-with.ts'

/** Paths to take out, sorted; `all` when what points is something that the resource cannot be without. */
export type Cut = readonly string[] | 'all'

/** Repeats until nothing new is found: what is taken out may have had a title, or may have been pointed to itself. */
export function pointersTo(
  resource: Resource,
  names: Names,
  /** For a type that is made of pointers: the entry that a path stands in. */
  entryOf: (path: string) => string | undefined = () => undefined,
): Cut {
  const paths = new Set<string>()
  const sought = {
    references: new Set(names.references),
    identifiers: names.identifiers,
    titles: new Set<string>(),
  }
  for (let before = -1; before < sought.references.size + sought.titles.size;) {
    before = sought.references.size + sought.titles.size
    for (const { path, title } of found(resource, sought, entryOf)) {
      if (path === undefined) return 'all'
      paths.add(path)
      if (title !== undefined) sought.titles.add(title)
    }
    for (const id of containedAt(paths, resource)) sought.references.add(`#${id}`)
  }
  return [...paths].sort()
}

interface Sought extends Names {
  /** Displays of references that go: the same words on a reference without an address mean the same thing. */
  readonly titles: ReadonlySet<string>
}

interface Found {
  /** What goes; undefined when nothing may stay. */
  readonly path: string | undefined
  readonly title?: string
}

function found(
  resource: Resource,
  sought: Sought,
  entryOf: (path: string) => string | undefined,
): readonly Found[] {
  const all: Found[] = []
  const look = (value: unknown, path: string): void => {
    if (typeof value === 'string') {
      if (mentions(value, sought)) all.push({ path: entryOf(path) ?? goesWithMention(path) })
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) look(item, `${path}[${index}]`)
    } else if (typeof value === 'object' && value !== null) {
      if (isPointer(value, sought)) {
        const title = 'display' in value && typeof value.display === 'string' ? value.display : undefined
        all.push({ path: entryOf(path) ?? goesWithReference(path), ...(title !== undefined && { title }) })
        return
      }
      if (isNamed(value, sought)) all.push({ path: entryOf(path) ?? goesWithMention(path) })
      for (const [key, field] of Object.entries(value)) look(field, `${path}.${key.replace(/^_/, '')}`)
    }
  }
  for (const [key, value] of Object.entries(resource))
    if (!UNREAD.has(key)) look(value, `${resource.resourceType}.${key.replace(/^_/, '')}`)
  return all
}

/** `meta` says nothing that it must not once something is taken out (neutral-meta.ts). */
const UNREAD: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta'])

function isPointer(value: object, { references, identifiers, titles }: Sought): boolean {
  const reference = 'reference' in value && typeof value.reference === 'string' ? value.reference : undefined
  if (reference !== undefined && references.has(nameOfReference(reference))) return true
  const identifier = 'identifier' in value ? nameOfIdentifier(value.identifier) : undefined
  if (identifier !== undefined && identifiers.has(identifier)) return true
  const isTitleAlone = reference === undefined && identifier === undefined && !('code' in value)
  return isTitleAlone && 'display' in value && typeof value.display === 'string' && titles.has(value.display)
}

/** An Identifier among others, or on its own. */
function isNamed(value: object, { identifiers }: Sought): boolean {
  const name = nameOfIdentifier(value)
  return name !== undefined && identifiers.has(name)
}

function containedAt(paths: ReadonlySet<string>, resource: Resource): readonly string[] {
  const contained = 'contained' in resource ? (resource.contained ?? []) : []
  return contained.flatMap(({ id }, index) =>
    id !== undefined && paths.has(`${resource.resourceType}.contained[${index}]`) ? [id] : [],
  )
}
