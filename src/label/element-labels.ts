/** Gathers findings: one entry per element and rule, so that repetition and order do not matter. */
import { type ElementLabel, highest, type LabelRecord, type Pointer } from './label-record.ts'
import type { Label } from './rule-set.ts'
import { impliedConfidentiality } from './sensitivity.ts'

/** So many codes say enough of why a rule fired; a sender may repeat them without end. */
const MAX_CODES = 8
/** No code of the systems that have rules is longer. */
const MAX_CODE_LENGTH = 100

interface Gathered {
  readonly path: string
  readonly label: Label
  readonly sensitivities: Set<string>
  readonly codes: Set<string>
  confidentiality: ElementLabel['confidentiality']
}

export class ElementLabels {
  readonly #byKey = new Map<string, Gathered>()
  readonly #sensitivities = new Map<string, Set<string>>()
  readonly #pointers = new Map<string, Pointer>()

  constructor(start?: LabelRecord) {
    for (const element of start?.elements ?? []) {
      this.add(element.path, element)
      for (const code of element.codes ?? []) this.add(element.path, element, code)
    }
    for (const pointer of start?.pointers ?? []) this.point(pointer)
  }

  add(path: string, label: Label, code?: string): void {
    const { rule, sensitivities, confidentiality } = label
    const key = `${path} ${rule}`
    const gathered = this.#byKey.get(key) ?? {
      path,
      label,
      sensitivities: new Set<string>(),
      codes: new Set<string>(),
      confidentiality: 'N',
    }
    this.#byKey.set(key, gathered)
    const ofPath = this.#sensitivities.get(path) ?? new Set()
    this.#sensitivities.set(path, ofPath)
    for (const sensitivity of sensitivities) {
      gathered.sensitivities.add(sensitivity)
      ofPath.add(sensitivity)
    }
    if (code !== undefined && code.length <= MAX_CODE_LENGTH) gathered.codes.add(code)
    gathered.confidentiality = highest([
      gathered.confidentiality,
      confidentiality,
      impliedConfidentiality(sensitivities),
    ])
  }

  point(pointer: Pointer): void {
    this.#pointers.set(`${pointer.path} ${pointer.to}`, pointer)
  }

  sensitivitiesOf(path: string): readonly string[] {
    return [...(this.#sensitivities.get(path) ?? [])]
  }

  record(ruleSetVersion: string): LabelRecord {
    const elements = inOrder(this.#byKey).map(elementOf)
    const pointers = inOrder(this.#pointers)
    return {
      ruleSetVersion,
      sensitivities: [...new Set(elements.flatMap((found) => found.sensitivities))].sort(),
      confidentiality: highest(elements.map((found) => found.confidentiality)),
      elements,
      ...(pointers.length > 0 && { pointers }),
    }
  }
}

function elementOf({ path, label, sensitivities, codes, confidentiality }: Gathered): ElementLabel {
  const { rule, confidence, inCourseOf } = label
  return {
    path,
    sensitivities: [...sensitivities].sort(),
    confidentiality,
    rule,
    ...(codes.size > 0 && { codes: [...codes].sort().slice(0, MAX_CODES) }),
    ...(confidence !== undefined && { confidence }),
    ...(inCourseOf !== undefined && { inCourseOf }),
  }
}

function inOrder<V>(byKey: ReadonlyMap<string, V>): readonly V[] {
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}
