/** A page of the directory. Nothing of it is hidden from anybody, so a place in it is an id in the clear. */
import type { Bundle, Organization, Practitioner, PractitionerRole } from '@medplum/fhirtypes'
import type { Call, Exchange } from './call.ts'

type Listed = Organization | Practitioner | PractitionerRole

export interface DirectoryPage {
  readonly count: number
  readonly understood: URLSearchParams
}

/** `found` has one more than the page when there is a next one. */
export function directoryPage<R extends Listed>(
  { fhirBase }: Exchange,
  { resourceType }: Call,
  found: readonly R[],
  { count, understood }: DirectoryPage,
): Bundle<R> {
  const url = (query: URLSearchParams): string => `${fhirBase}/${resourceType}?${query}`
  const shown = found.slice(0, count)
  const last = found.length > count ? shown.at(-1)?.id : undefined
  const next = new URLSearchParams(understood)
  if (last !== undefined) next.set('cursor', last)
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    link: [
      { relation: 'self', url: url(understood) },
      ...(last === undefined ? [] : [{ relation: 'next', url: url(next) }]),
    ],
    // An empty list is no FHIR: https://hl7.org/fhir/R4/json.html#primitive
    ...(shown.length > 0
      ? {
          entry: shown.map((resource) => ({
            fullUrl: `${fhirBase}/${resourceType}/${resource.id}`,
            resource,
            search: { mode: 'match' as const },
          })),
        }
      : {}),
  }
}
