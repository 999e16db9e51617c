import type { Fault } from './gateway-error.ts'
import { describe, describeCode } from './gateway-error.ts'
import { hasCode, hasCoding, listCodes } from './required-codes.ts'
import type { CodeList } from './required-codes.ts'
import { isObject } from './validate-invariant.ts'
import type { JsonObject } from './validate-invariant.ts'
import type { ElementRule } from './validate-shape.ts'

/**
 * A required binding: the code must be of the value set, in a CodeableConcept at least one of them. Text alone is not a
 * code. https://hl7.org/fhir/R4/terminologies.html#required
 */
export function boundCodeFaults(list: CodeList, value: unknown, path: string): Fault[] {
  if (!isObject(value)) {
    if (hasCode(list, value)) return []
    return [
      {
        code: 'code-unknown',
        expression: path,
        text: `found ${describeCode(value)}; send ${listCodes(list)}`,
      },
    ]
  }
  const codings = Array.isArray(value['coding']) ? value['coding'].filter(isObject) : []
  const candidates: readonly JsonObject[] = 'coding' in value ? codings : [value]
  if (candidates.some((coding) => hasCoding(list, coding['system'], coding['code']))) return []
  const systems = [...list.systems.keys()].map((system) => `\`${system}\``).join(' or ')
  const found = candidates.length === 1 ? describeCode(candidates[0]?.['code']) : describe(candidates)
  const text = `found ${found}; send ${listCodes(list)}, with the system ${systems}`
  return [{ code: 'code-unknown', expression: path, text }]
}

/** `fixed[x]` and `pattern[x]`: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_ */
export function specifiedValueFaults({ fixed, pattern }: ElementRule, value: unknown, path: string): Fault[] {
  const isFixed = fixed === undefined || (includes(value, fixed) && includes(fixed, value))
  if (isFixed && (pattern === undefined || includes(value, pattern))) return []
  const wanted = JSON.stringify(fixed ?? pattern)
  return [
    {
      code: 'profile-violation',
      expression: path,
      text: `found another value than the profile gives; send ${wanted}`,
    },
  ]
}

/** All of the pattern is in the value: each property, and for each item of a list one that includes it. */
function includes(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((wanted) => value.some((item) => includes(item, wanted)))
  if (isObject(pattern))
    return isObject(value) && Object.entries(pattern).every(([name, wanted]) => includes(value[name], wanted))
  return value === pattern
}
