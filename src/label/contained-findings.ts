/**
 * What stands in each contained resource and in all that it leads to (https://hl7.org/fhir/R4/references.html#contained).
 * Each is looked at once, however many point to it: looked at once for each, a small message could cost minutes.
 */
import type { Resource } from '@medplum/fhirtypes'
import { findIn } from './findings.ts'
import type { Label, LabelRuleSet } from './rule-set.ts'

/** A finding, and whether it is of a text, which goes when the reference that led to it goes; or a pointer onward. */
export type ContainedFinding = { readonly label: Label; readonly isText: boolean } | { readonly to: string }

/** Each kind of finding is one round of `#spread`. So many places that a care plan's parts may name; more is an attack. */
const MAX_POINTERS = 64

interface Contained {
  readonly path: string
  readonly findings: Map<string, ContainedFinding>
  readonly pointsTo: Set<Contained>
}

export class ContainedFindings {
  readonly #byReference = new Map<string, Contained>()
  readonly #reached = new Set<Contained>()
  readonly #pointers = new Set<string>()
  /** Pointers that are too many to follow back: they are of the whole resource. */
  readonly beyond = new Set<string>()

  constructor(resource: Resource, rules: LabelRuleSet) {
    const list = 'contained' in resource ? (resource.contained ?? []) : []
    for (const [index, { id = '' }] of list.entries()) {
      const path = `${resource.resourceType}.contained[${index}]`
      // Two of one id are refused before this; should they come, none of them may be lost.
      const name = this.#byReference.has(`#${id}`) ? path : `#${id}`
      this.#byReference.set(name, { path, findings: new Map(), pointsTo: new Set() })
    }
    for (const [index, one] of [...this.#byReference.values()].entries()) this.#look(list[index], one, rules)
    this.#spread()
  }

  #look(resource: Resource | undefined, { path, findings, pointsTo }: Contained, rules: LabelRuleSet): void {
    findIn(resource, path, rules, {
      found: (label, { text }) => put(findings, { label, isText: text !== undefined }),
      reference: (reference) => {
        const other = this.#byReference.get(reference)
        if (other) pointsTo.add(other)
        else if (this.#pointers.has(reference) || this.#pointers.size < MAX_POINTERS) {
          this.#pointers.add(reference)
          put(findings, { to: reference })
        } else this.beyond.add(reference)
      },
    })
  }

  /** Each kind of finding goes back along the references to it; there are few kinds, so it takes few rounds. */
  #spread(): void {
    const pointedToBy = new Map<Contained, Contained[]>()
    const kinds = new Map<string, Set<Contained>>()
    for (const one of this.#byReference.values()) {
      for (const other of one.pointsTo) pushTo(pointedToBy, other, one)
      for (const kind of one.findings.keys()) kinds.set(kind, (kinds.get(kind) ?? new Set()).add(one))
    }
    for (const [kind, having] of kinds) {
      const [first] = having
      const finding = first?.findings.get(kind)
      // A set grows under its own iteration, and takes nobody twice: that ends circles.
      for (const one of having) for (const from of pointedToBy.get(one) ?? []) having.add(from)
      if (finding) for (const one of having) put(one.findings, finding)
    }
  }

  /** Of the contained resource that the reference names; undefined when it names none. */
  at(reference: string): Iterable<ContainedFinding> | undefined {
    const one = this.#byReference.get(reference)
    if (one) this.#reached.add(one)
    return one?.findings.values()
  }

  /** Those that nothing asked for leads to: they would travel all the same. */
  unreached(): readonly { readonly path: string; readonly findings: Iterable<ContainedFinding> }[] {
    for (const one of this.#reached) for (const other of one.pointsTo) this.#reached.add(other)
    return [...this.#byReference.values()]
      .filter((one) => !this.#reached.has(one))
      .map(({ path, findings }) => ({ path, findings: findings.values() }))
  }
}

function put(findings: Map<string, ContainedFinding>, finding: ContainedFinding): void {
  if ('to' in finding) {
    findings.set(`to ${finding.to}`, finding)
    return
  }
  const { rule, sensitivities, confidentiality } = finding.label
  findings.set(`rule ${rule} ${confidentiality} ${sensitivities.join(' ')}`, finding)
}

function pushTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}
