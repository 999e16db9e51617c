/** By what an entry of the directory is found: the tokens and names that a search compares. */
import type { CodeableConcept } from '@medplum/fhirtypes'
import type { DirectoryContent, DirectoryTerms } from '#store/directory.ts'

/** https://hl7.org/fhir/R4/search.html#string: neither case nor accents count. */
export function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

export function directoryTerms(content: DirectoryContent): DirectoryTerms {
  if (content.resourceType === 'Practitioner') {
    const named = (content.name ?? []).flatMap(({ family, given = [], text }) => [
      ...(family === undefined ? [] : [folded(family), `family=${folded(family)}`]),
      ...given.flatMap((each) => [folded(each), `given=${folded(each)}`]),
      ...(text === undefined ? [] : [folded(text)]),
    ])
    const numbers = (content.identifier ?? []).flatMap(({ system, value }) => [
      `identifier=${value}`,
      `identifier=${system}|${value}`,
    ])
    return { tokens: numbers, names: named }
  }
  return {
    tokens: [
      `practitioner=${content.practitioner?.reference}`,
      `organization=${content.organization?.reference}`,
      ...coded('role', content.code),
      ...coded('specialty', content.specialty),
    ],
    names: [],
  }
}

function coded(name: string, concepts: readonly CodeableConcept[] = []): string[] {
  return concepts.flatMap(({ coding = [] }) =>
    coding.flatMap(({ system, code }) =>
      code === undefined
        ? []
        : [`${name}=${code}`, ...(system === undefined ? [] : [`${name}=${system}|${code}`])],
    ),
  )
}
