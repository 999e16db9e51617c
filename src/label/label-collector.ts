/** Gathers the findings of one resource: one entry per element and rule, so that repetition and order do not matter. */
import type { Resource } from '@medplum/fhirtypes'
import { ACT_CODE_SYSTEM, CONFIDENTIALITY_SYSTEM, normalizeSystem } from './code-system.ts'
import {
  builtInRules,
  type ElementLabel,
  highest,
  isConfidentiality,
  type LabelRecord,
} from './label-record.ts'
import type { Label, LabelRuleSet } from './rule-set.ts'
import { isSensitivity } from './sensitivity.ts'
import { type TextFound, walk } from './walk.ts'

export class LabelCollector {
  readonly #rules: LabelRuleSet
  readonly #type: string
  readonly #contained: readonly Resource[]
  readonly #reached = new Set<Resource>()
  readonly #referenced: ReadonlyMap<string, LabelRecord>
  readonly #elements = new Map<string, ElementLabel>()

  constructor(resource: Resource, rules: LabelRuleSet, referenced: ReadonlyMap<string, LabelRecord>) {
    this.#rules = rules
    this.#type = resource.resourceType
    this.#contained = 'contained' in resource ? (resource.contained ?? []) : []
    this.#referenced = referenced
  }

  add(path: string, { rule, sensitivities, confidentiality }: Label): void {
    const key = `${path} ${rule}`
    const before = this.#elements.get(key)
    const union = new Set([...(before?.sensitivities ?? []), ...sensitivities])
    this.#elements.set(key, {
      path,
      sensitivities: [...union].sort(),
      confidentiality: before ? highest([before.confidentiality, confidentiality]) : confidentiality,
      rule,
    })
  }

  /** Everything in `value`, which stands at the unit `unit`. */
  scan(value: unknown, unit: string): void {
    this.#scan(value, unit, { through: undefined, seen: new Set() })
  }

  /** A contained resource that no element points to would travel all the same, so it is labelled where it stands. */
  scanUnreached(): void {
    for (const [index, inner] of this.#contained.entries()) {
      if (!this.#reached.has(inner)) this.scan(inner, `${this.#type}.contained[${index}]`)
    }
  }

  /** `through` is the reference by which a contained resource was reached: its text goes when that reference goes. */
  #scan(
    value: unknown,
    unit: string,
    { through, seen }: { through: string | undefined; seen: Set<Resource> },
  ): void {
    walk(value, unit, {
      coding: ({ system, code }) => this.#addCode(unit, system, code),
      text: (found) => this.#addText(unit, found, through ?? found.path),
      isKnown: (system, code) => this.#rules.ofCode(system, code) !== undefined,
      reference: (reference, path) => {
        const inner = this.#contained.find(({ id }) => id !== undefined && reference === `#${id}`)
        // Each reference counts by itself, since each must go; within one, what was seen ends a circle.
        const before = through === undefined ? new Set<Resource>() : seen
        if (inner && !before.has(inner)) {
          this.#reached.add(inner)
          this.#scan(inner, unit, { through: through ?? path, seen: before.add(inner) })
        }
        const labels = this.#referenced.get(reference.replace(/\/_history\/.*$/, ''))
        if (labels) this.add(unit, { rule: builtInRules.referenced, ...labels })
      },
    })
  }

  #addCode(unit: string, system: string | undefined, code: string | undefined): void {
    const labels = this.#rules.ofCode(system, code) ?? [unknownCode]
    for (const found of labels) this.add(unit, found)
    if (system === undefined || code === undefined) return
    const uri = normalizeSystem(system)
    if (uri === ACT_CODE_SYSTEM && isSensitivity(code)) {
      this.add(unit, { rule: builtInRules.inlineLabel, sensitivities: [code], confidentiality: 'R' })
    }
    if (uri === CONFIDENTIALITY_SYSTEM && isConfidentiality(code)) {
      this.add(unit, { rule: builtInRules.inlineLabel, sensitivities: [], confidentiality: code })
    }
  }

  #addText(unit: string, { text, kind }: TextFound, path: string): void {
    for (const found of this.#rules.ofText(text)) this.add(unit, found)
    if (kind === 'free')
      this.add(path, { rule: builtInRules.textWithoutCode, sensitivities: [], confidentiality: 'V' })
    if (kind === 'heading')
      this.add(path, { rule: builtInRules.heading, sensitivities: [], confidentiality: 'N' })
  }

  sensitivitiesOf(path: string): readonly string[] {
    return [...this.#elements.values()]
      .filter((found) => found.path === path)
      .flatMap((found) => found.sensitivities)
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

/** What nobody can judge may be anything. */
const unknownCode: Label = { rule: builtInRules.unknownCode, sensitivities: [], confidentiality: 'V' }
