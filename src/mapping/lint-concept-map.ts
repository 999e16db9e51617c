import type { ConceptMap } from '@medplum/fhirtypes'

/**
 * What is wrong with a concept map as a table of one code to one code, or [] when nothing is. The engine looks into
 * the first group only and takes any equivalence, `disjoint` too, for a match:
 * https://hl7.org/fhir/R4/conceptmap.html
 */
export function lintConceptMap(conceptMap: ConceptMap): string[] {
  const groups = conceptMap.group ?? []
  const elements = groups[0]?.element ?? []
  const codes = elements.map((element) => element.code)
  const faults: string[] = []
  if (!conceptMap.url) faults.push('it has no `url`, so no map can name it')
  if (groups.length !== 1)
    faults.push(
      `it has ${groups.length} groups: the engine would look into the first only, so make one map each`,
    )
  if (!groups[0]?.source || !groups[0].target) faults.push('its group has no `source` or no `target` system')
  if (groups[0]?.unmapped)
    faults.push('`unmapped` would turn an unknown code into a known one: an unknown code is refused')
  for (const { code, target } of elements) {
    const [only, ...more] = target ?? []
    if (!code || !only?.code || more.length > 0)
      faults.push(`\`${code ?? ''}\` does not map to exactly one code`)
    else if (only.equivalence !== 'equal' && only.equivalence !== 'equivalent') {
      faults.push(
        `\`${code}\` is \`${only.equivalence}\`: only \`equal\` and \`equivalent\` are taken for the same`,
      )
    }
  }
  for (const code of new Set(codes.filter((each, at) => codes.indexOf(each) !== at))) {
    faults.push(`\`${code ?? ''}\` is there twice`)
  }
  return faults
}
