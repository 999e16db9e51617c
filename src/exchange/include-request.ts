/** `_include` and `_revinclude`, from the allow-list. https://hl7.org/fhir/R4/search.html#include */
import { GatewayError } from '#fhir/gateway-error.ts'
import { type HeldType, isHeldType } from '#fhir/held-types.ts'
import { includePath, includesOf, reverseIncludesOf } from '#fhir/include-parameters.ts'

export interface IncludeAsked {
  /** Of the type that points; wherever a reference stands, when there is none. */
  readonly at?: string
  /** What is included: what is pointed to, or what points. */
  readonly types: readonly HeldType[]
  readonly isReverse: boolean
}

export function readInclude(
  searched: HeldType,
  name: '_include' | '_revinclude',
  value: string,
): IncludeAsked {
  const isReverse = name === '_revinclude'
  const known = isReverse ? reverseIncludesOf(searched) : includesOf(searched)
  const [source = '', parameter = '', target] = value.split(':')
  const path = isHeldType(source) ? includePath(source, parameter) : undefined
  const isTarget = target === undefined || path?.targets.some((each) => each === target)
  if (isHeldType(source) && path && isTarget && known.includes(`${source}:${parameter}`)) {
    const pointed = path.targets.filter((each) => target === undefined || each === target)
    if (!isReverse) return { at: path.at, types: pointed, isReverse }
    if (pointed.includes(searched)) return { at: path.at, types: [source], isReverse }
  }
  throw new GatewayError({
    code: 'parameter-invalid',
    expression: name,
    text:
      known.length > 0
        ? `${searched} takes one of ${known.map((each) => `\`${each}\``).join(', ')}; no \`*\`, and nothing behind what is included`
        : `nothing is included with ${searched}`,
  })
}
