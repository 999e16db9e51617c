/** Whether there is evidence of a consent that must be in writing. SUL 44(1): written, or oral with a stated reason. */
import type { Consent, Resource } from '@medplum/fhirtypes'
import { resolve } from './resolve.ts'

/** Why a consent that should be in writing was given orally, in words of whoever recorded it. */
export const ORAL_REASON = 'https://sluse.example/fhir/StructureDefinition/oral-consent-reason'

export function isDocumented(
  consent: Consent,
  resources: ReadonlyMap<string, Resource> | undefined,
): boolean {
  const { sourceAttachment, sourceReference, extension } = consent
  const { data, url, hash } = sourceAttachment ?? {}
  if ([data, url, hash].some(isFilled)) return true
  if (extension?.some((each) => each.url === ORAL_REASON && isFilled(each.valueString))) return true
  if (isFilled(sourceReference?.identifier?.value)) return true
  const { reference } = sourceReference ?? {}
  if (!isFilled(reference)) return false
  // A document elsewhere is taken on the word of who recorded it; one that should be in here must be.
  return !reference.startsWith('#') || resolve(sourceReference, consent, resources) !== undefined
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
