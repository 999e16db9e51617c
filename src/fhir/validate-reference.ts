import type { Fault } from './gateway-error.ts'
import { describeCode } from './gateway-error.ts'

/** `Type/id` at the start, after the base of a server, or in our own `urn:sluse:source:Type/key`. */
const TYPED = /^(?:https?:\/\/\S+\/|urn:sluse:source:)?([A-Z][A-Za-z]+)\/[^/?#\s]+(?:\/_history\/[^/?#\s]+)?$/
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/

/** What a literal reference points to: a type where it tells one. https://hl7.org/fhir/R4/references.html#literal */
type Target =
  | { readonly kind: 'fragment'; readonly id: string }
  | { readonly kind: 'typed'; readonly type: string }
  | { readonly kind: 'opaque' }
  | { readonly kind: 'unusable' }

function readTarget(reference: string): Target {
  if (reference.startsWith('#')) return { kind: 'fragment', id: reference.slice(1) }
  const type = TYPED.exec(reference)?.[1]
  if (type !== undefined) return { kind: 'typed', type }
  return { kind: ABSOLUTE.test(reference) ? 'opaque' : 'unusable' }
}

export interface TargetRule {
  /** Types that the element may name; none given means any of R4. */
  readonly targets: ReadonlySet<string> | undefined
  readonly isResourceType: (type: string) => boolean
}

/** The faults of one Reference, apart from whether a fragment (`#g1`) has its resource: that is known at the end. */
export function referenceFaults(
  reference: { readonly [name: string]: unknown },
  path: string,
  rule: TargetRule,
): Fault[] {
  const { reference: literal, type: stated } = reference
  const target = typeof literal === 'string' ? readTarget(literal) : undefined
  if (target?.kind === 'unusable')
    return [
      {
        code: 'field-invalid',
        expression: `${path}.reference`,
        text: 'found a reference of no known form; send `Type/id`, an absolute URL, `#id` of a contained resource, or `identifier` instead',
      },
    ]
  const faults: Fault[] = []
  if (target?.kind === 'typed') faults.push(...typeFaults(target.type, `${path}.reference`, rule))
  if (typeof stated === 'string') {
    faults.push(...typeFaults(stated, `${path}.type`, rule))
    if (target?.kind === 'typed' && target.type !== stated)
      faults.push({
        code: 'field-invalid',
        expression: `${path}.type`,
        text: `found ${describeCode(stated)} beside a reference to ${describeCode(target.type)}; make them agree`,
      })
  }
  return faults
}

export function typeFaults(type: string, expression: string, rule: TargetRule): Fault[] {
  if (rule.targets ? rule.targets.has(type) : rule.isResourceType(type)) return []
  const wanted = rule.targets
    ? [...rule.targets].map((name) => `\`${name}\``).join(' or ')
    : 'a resource type of R4'
  return [
    {
      code: 'field-invalid',
      expression,
      text: `found a reference to ${describeCode(type)}; refer to ${wanted}`,
    },
  ]
}
