import type { Fault } from './gateway-error.ts'
import { isObject } from './validate-invariant.ts'
import type { JsonObject } from './validate-invariant.ts'
import { typeFaults } from './validate-reference.ts'

interface Fragment {
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

  constructor(resource: JsonObject, path: string) {
    this.resource = resource
    this.#path = path
  }

  refer(fragment: Fragment): void {
    this.#fragments.push(fragment)
  }

  /** What can be told only when the whole resource was seen. */
  faults(isResourceType: (type: string) => boolean): Fault[] {
    const contained = this.#contained()
    if (contained.length === 0 && this.#fragments.length === 0) return []
    const types = new Map(contained.map(({ id, resource }) => [id, resource['resourceType']]))
    return [
      ...contained.flatMap((entry, index) => [
        ...this.#entryFaults(entry),
        ...this.#identityFaults(entry, index, contained),
      ]),
      ...this.#fragments.flatMap((fragment) => this.#fragmentFaults(fragment, types, isResourceType)),
    ]
  }

  #contained(): Contained[] {
    const list = this.resource['contained']
    return (Array.isArray(list) ? list : []).flatMap((resource: unknown, index) =>
      isObject(resource) ? [{ resource, id: resource['id'], path: `${this.#path}.contained[${index}]` }] : [],
    )
  }

  /** dom-2, dom-4, dom-5: https://hl7.org/fhir/R4/domainresource.html#invs */
  #entryFaults({ resource, path }: Contained): Fault[] {
    const meta = isObject(resource['meta']) ? resource['meta'] : {}
    const refused = [
      [
        'contained' in resource,
        'contained',
        'contained resources do not nest; move it to the outer resource',
      ],
      ['versionId' in meta, 'meta.versionId', 'a contained resource has no version of its own; remove it'],
      [
        'lastUpdated' in meta,
        'meta.lastUpdated',
        'a contained resource has no version of its own; remove it',
      ],
      [
        'security' in meta,
        'meta.security',
        'a contained resource has no security labels of its own; label the outer resource',
      ],
    ] as const
    return refused.flatMap(([found, element, text]) =>
      found ? [{ code: 'profile-violation' as const, expression: `${path}.${element}`, text }] : [],
    )
  }

  /** dom-3: what nothing refers to could not be found, and would travel along unseen. */
  #identityFaults(
    { id, path, resource }: Contained,
    position: number,
    contained: readonly Contained[],
  ): Fault[] {
    if (typeof id !== 'string') {
      const text = 'a contained resource requires `id`, by which the outer one refers to it; add it'
      return [{ code: 'field-missing', expression: `${path}.id`, text }]
    }
    if (contained.findIndex((other) => other.id === id) !== position)
      return [
        {
          code: 'field-invalid',
          expression: `${path}.id`,
          text: 'found this id twice; give each contained resource its own',
        },
      ]
    const used = this.#fragments.some(
      (fragment) =>
        (fragment.id === id && fragment.from !== resource) ||
        (fragment.id === '' && fragment.from === resource),
    )
    if (used) return []
    return [
      {
        code: 'profile-violation',
        expression: path,
        text: 'nothing refers to this contained resource; refer to it by `#` and its id, or remove it',
      },
    ]
  }

  /** ref-1: https://hl7.org/fhir/R4/references.html#invs. `#` alone is the container, seen from inside. */
  #fragmentFaults(
    fragment: Fragment,
    types: ReadonlyMap<unknown, unknown>,
    isResourceType: (type: string) => boolean,
  ): Fault[] {
    const { id, path: expression, targets, from, isReference } = fragment
    if (!isReference) return []
    const type = id === '' && from !== undefined ? this.resource['resourceType'] : types.get(id)
    if (typeof type === 'string') return typeFaults(type, expression, { targets, isResourceType })
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
