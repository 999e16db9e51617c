/** Looks at the elements of one resource, one after the other, and gathers what is found in each and where it points to. */
import type { Resource } from '@medplum/fhirtypes'
import { type ContainedFinding, ContainedFindings } from './contained-findings.ts'
import { ElementLabels } from './element-labels.ts'
import { findIn } from './findings.ts'
import type { LabelRecord } from './label-record.ts'
import type { Label, LabelRuleSet } from './rule-set.ts'

const CITIZEN = /(?:\.(?:subject|patient)|^Task\.for)(?:\.identifier)?$/

export class LabelCollector {
  readonly #rules: LabelRuleSet
  readonly #contained: ContainedFindings
  readonly #elements = new ElementLabels()

  constructor(resource: Resource, rules: LabelRuleSet) {
    this.#rules = rules
    this.#contained = new ContainedFindings(resource, rules)
    for (const to of this.#contained.beyond) this.#point(resource.resourceType, to)
  }

  add(path: string, label: Label): void {
    this.#elements.add(path, label)
  }

  /** Everything in `value`, which stands at the unit `unit`. */
  scan(value: unknown, unit: string): void {
    findIn(value, unit, this.#rules, {
      found: (label, { text, code }) => this.#elements.add(text ?? unit, label, code),
      reference: (reference, path) => {
        const contained = this.#contained.at(reference)
        if (contained) for (const finding of contained) this.#addContained(finding, unit, path)
        else this.#point(path, reference)
      },
    })
  }

  /** A contained resource that no element points to would travel all the same, so it is labelled where it stands. */
  scanUnreached(): void {
    for (const { path, findings } of this.#contained.unreached())
      for (const finding of findings) this.#addContained(finding, path, path)
  }

  /** The text of a contained resource goes when the reference goes by which it was reached. */
  #addContained(finding: ContainedFinding, unit: string, reference: string): void {
    if ('to' in finding) this.#point(reference, finding.to)
    else this.#elements.add(finding.isText ? reference : unit, finding.label)
  }

  /** Whatever version is pointed to: it is the resource that has the labels. The citizen is no secret of the content. */
  #point(path: string, reference: string): void {
    const to = reference.replace(/\/_history\/.*$/, '')
    const isCitizen = to.startsWith('Patient/') || CITIZEN.test(path)
    if (!isCitizen && !to.startsWith('#')) this.#elements.point({ path, to })
  }

  sensitivitiesOf(path: string): readonly string[] {
    return this.#elements.sensitivitiesOf(path)
  }

  record(ruleSetVersion: string): LabelRecord {
    return this.#elements.record(ruleSetVersion)
  }
}
