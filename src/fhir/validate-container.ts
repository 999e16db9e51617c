import type { Fault } from './gateway-error.ts'
import { isObject } from './validate-invariant.ts'
import type { JsonObject } from './validate-invariant.ts'
import { typeFaults } from './validate-reference.ts'

export interface Fragment {
  readonly id: string
  readonly path: string
  readonly targets: ReadonlySet<string> | undefined
  /** The contained resource that says it; none when the container itself does. */
  readonly from: JsonObject | undefined
  /** A canonical or a URI may refer too, but need not find anything. */
  readonly isReference: boolean
}

/**
 * A resource and what it contains. A contained resource has no life of its own: it is reached through the container, by a
 * fragment (`#g1`), or not at all. https://hl7.org/fhir/R4/references.html#contained
 */
export class Container {
  readonly resource: JsonObject
  readonly #path: string
  readonly #fragments: Fragment[] = []
  /** Who uses an id: contained resources, or the container itself. */
  readonly #users = new Map<string, Set<JsonObject | undefined>>()

  constructor(resource: JsonObject, path: string) {
    this.resource = resource
    this.#path = path
  }

  refer(fragment: Fragment): void {
    this.#fragments.push(fragment)
    const users = this.#users.get(fragment.id) ?? new Set()
    this.#users.set(fragment.id, users.add(fragment.from))
  }

  /** What can be told only when the whole resource was seen. */
  faults(isResourceType: (type: string) => boolean): Fault[] {
    const contained = this.#contained()
    const byId = new Map(contained.toReversed().map(({ id, resource }) => [id, resource]))
    return [
      ...contained.flatMap((entry) => [...entryFaults(entry), ...this.#identityFaults(entry, byId)]),
      ...this.#fragments.flatMap((fragment) => this.#fragmentFaults(fragment, byId, isResourceType)),
    ]
  }

  #contained(): Contained[] {
    const list = this.resource['contained']
    return (Array.isArray(list) ? list : []).flatMap((resource: unknown, index) =>
      isObject(resource) ? [{ resource, id: resource['id'], path: `${this.#path}.contained[${index}]` }] : [],
    )
  }

  /** dom-3: what nothing refers to could not be found, and would travel along unseen. */
  #identityFaults({ id, path, resource }: Contained, byId: ReadonlyMap<unknown, JsonObject>): Fault[] {
    if (typeof id !== 'string') {
      const text = 'a contained resource requires `id`, by which the outer one refers to it; add it'
      return [{ code: 'field-missing', expression: `${path}.id`, text }]
    }
    if (byId.get(id) !== resource) {
      const text = 'found this id twice; give each contained resource its own'
      return [{ code: 'field-invalid', expression: `${path}.id`, text }]
    }
    const users = this.#users.get(id)?.values().toArray() ?? []
    if (users.some((user) => user !== resource) || this.#users.get('')?.has(resource)) return []
    const text = 'nothing refers to this contained resource; refer to it by `#` and its id, or remove it'
    return [{ code: 'profile-violation', expression: path, text }]
  }

  /** ref-1: https://hl7.org/fhir/R4/references.html#invs. `#` alone is the container, seen from inside. */
  #fragmentFaults(
    { id, path: expression, targets, from, isReference }: Fragment,
    byId: ReadonlyMap<unknown, JsonObject>,
    isResourceType: (type: string) => boolean,
  ): Fault[] {
    if (!isReference) return []
    const target = id === '' && from !== undefined ? this.resource : byId.get(id)
    const type = target?.['resourceType']
    if (typeof type === 'string') return typeFaults(type, expression, { targets, isResourceType })
    if (target !== undefined) return []
    const text =
      'found a reference to a contained resource that is not there; contain it, or refer to `Type/id`'
    return [{ code: 'profile-violation', expression, text }]
  }
}

interface Contained {
  readonly resource: JsonObject
  readonly id: unknown
  readonly path: string
}

/** dom-2, dom-4, dom-5: https://hl7.org/fhir/R4/domainresource.html#invs */
function entryFaults({ resource, path }: Contained): Fault[] {
  const meta = isObject(resource['meta']) ? resource['meta'] : {}
  const refused = [
    [resource, 'contained', '', 'contained resources do not nest; move it to the outer resource'],
    [meta, 'versionId', 'meta.', 'a contained resource has no version of its own; remove it'],
    [meta, 'lastUpdated', 'meta.', 'a contained resource has no version of its own; remove it'],
    [meta, 'security', 'meta.', 'a contained resource has no labels of its own; label the outer resource'],
  ] as const
  return refused.flatMap(([object, name, prefix, text]) =>
    object[name] === undefined
      ? []
      : [{ code: 'profile-violation' as const, expression: `${path}.${prefix}${name}`, text }],
  )
}
