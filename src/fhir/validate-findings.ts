import type { ErrorCode, Fault } from './gateway-error.ts'
import type { Constraint, Judgement } from './validate-invariant.ts'
import type { ElementRule, Shape } from './validate-shape.ts'

/** What a walk finds: faults, and the invariants to judge when there are none, since they presume the right shape. */
export class Findings {
  readonly faults: Fault[] = []
  readonly judgements: Judgement[] = []

  fault(code: ErrorCode, expression: string, text: string): void {
    this.faults.push({ code, expression, text })
  }

  missing(element: ElementRule, shape: Shape, path: string): void {
    const wanted = element.properties.length > 1 ? `${element.name}[x]` : element.name
    this.fault('field-missing', `${path}.${element.name}`, `${shape.name} requires \`${wanted}\`; add it`)
  }

  /** The name is the sender's, so it is repeated only if it looks like the name of an element. */
  unknown(name: string, shape: Shape, path: string): void {
    const isPlain = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/.test(name) && !/\d{5}/.test(name)
    const found = isPlain ? `\`${name}\`` : 'a property that is no element name'
    const expression = isPlain ? `${path}.${name}` : path
    this.fault(
      'field-invalid',
      expression,
      `found ${found}, which ${shape.name} does not have in FHIR R4; remove it`,
    )
  }

  judge(constraints: readonly Constraint[], judgement: Omit<Judgement, 'constraint'>): void {
    for (const constraint of constraints) this.judgements.push({ constraint, ...judgement })
  }
}
