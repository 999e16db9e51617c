/** Gathers the findings of one resource: one entry per element and rule, so that repetition and order do not matter. */
import type { Resource } from '@medplum/fhirtypes'
import { type ContainedFinding, ContainedFindings } from './contained-findings.ts'
import { findIn } from './findings.ts'
import { builtInRules, type ElementLabel, highest, type LabelRecord } from './label-record.ts'
import type { Label, LabelRuleSet } from './rule-set.ts'

/** What is known of those that the resource points to. */
export interface Known {
  /** Labels of stored resources that this one may point to, by `Type/id`. */
  readonly referenced?: ReadonlyMap<string, LabelRecord>
  /** What the units of the registry treat, by `Organization/id` and by `system|value`: to name one gives it away. */
  readonly sensitiveUnits?: ReadonlyMap<string, readonly string[]>
}

export class LabelCollector {
  readonly #rules: LabelRuleSet
  readonly #contained: ContainedFindings
  readonly #known: Known
  readonly #elements = new Map<string, ElementLabel>()
  readonly #sensitivities = new Map<string, Set<string>>()

  constructor(resource: Resource, rules: LabelRuleSet, known: Known) {
    this.#rules = rules
    this.#known = known
    this.#contained = new ContainedFindings(resource, rules, (reference) => this.#labelOf(reference))
  }

  add(path: string, { rule, sensitivities, confidentiality }: Label): void {
    const key = `${path} ${rule}`
    const before = this.#elements.get(key)
    const union = new Set([...(before?.sensitivities ?? []), ...sensitivities])
    const ofPath = this.#sensitivities.get(path) ?? new Set()
    this.#sensitivities.set(path, ofPath)
    for (const sensitivity of sensitivities) ofPath.add(sensitivity)
    this.#elements.set(key, {
      path,
      sensitivities: [...union].sort(),
      confidentiality: before ? highest([before.confidentiality, confidentiality]) : confidentiality,
      rule,
    })
  }

  /** Everything in `value`, which stands at the unit `unit`. */
  scan(value: unknown, unit: string): void {
    findIn(value, unit, this.#rules, {
      found: (label, text) => this.add(text ?? unit, label),
      reference: (reference, path) => {
        for (const finding of this.#contained.at(reference) ?? []) this.#addContained(finding, unit, path)
        const label = this.#labelOf(reference)
        if (label) this.add(unit, label)
      },
    })
  }

  /** A contained resource that no element points to would travel all the same, so it is labelled where it stands. */
  scanUnreached(): void {
    for (const { path, findings } of this.#contained.unreached())
      for (const finding of findings) this.#addContained(finding, path, path)
  }

  /** The text of a contained resource goes when the reference goes by which it was reached. */
  #addContained({ label, isText }: ContainedFinding, unit: string, reference: string): void {
    this.add(isText ? reference : unit, label)
  }

  /** Of a stored resource, or of a unit that gives away what it treats. */
  #labelOf(reference: string): Label | undefined {
    const name = reference.replace(/\/_history\/.*$/, '')
    const labels = this.#known.referenced?.get(name)
    if (labels) return { ...labels, rule: builtInRules.referenced }
    const treated = this.#known.sensitiveUnits?.get(name)
    return (
      treated && {
        rule: builtInRules.sensitiveUnit,
        sensitivities: [...treated, 'SSP'],
        confidentiality: 'R',
      }
    )
  }

  sensitivitiesOf(path: string): readonly string[] {
    return [...(this.#sensitivities.get(path) ?? [])]
  }

  record(ruleSetVersion: string): LabelRecord {
    const elements = [...this.#elements.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, found]) => found)
    return {
      ruleSetVersion,
      sensitivities: [...new Set(elements.flatMap((found) => found.sensitivities))].sort(),
      confidentiality: highest(elements.map((found) => found.confidentiality)),
      elements,
    }
  }
}
