/** Whether there is evidence of a consent that must be in writing. SUL 44(1): written, or oral with a stated reason. */
import type { Consent, Resource } from '@medplum/fhirtypes'
import { type Fields, isFields, itemsOf } from './element-reader.ts'
import { resolve } from './resolve.ts'

/** Why a consent that should be in writing was given orally, in words of whoever recorded it. */
export const ORAL_REASON = 'https://sluse.example/fhir/StructureDefinition/oral-consent-reason'

export function isDocumented(
  consent: Consent,
  resources: ReadonlyMap<string, Resource> | undefined,
): boolean {
  const { data, url, hash } = fieldsOf(consent.sourceAttachment)
  if ([data, url, hash].some(isFilled)) return true
  if (itemsOf(consent.extension).some(isOralReason)) return true
  const { identifier, reference } = fieldsOf(consent.sourceReference)
  if (isFilled(fieldsOf(identifier)['value'])) return true
  if (!isFilled(reference)) return false
  // A document elsewhere is taken on the word of who recorded it; one that should be in here must be.
  return !reference.startsWith('#') || resolve({ reference }, consent, resources) !== undefined
}

/** In words, or as a code: sector records have a list of reasons. */
function isOralReason({ url, valueString, valueCodeableConcept }: Fields): boolean {
  const { text, coding } = fieldsOf(valueCodeableConcept)
  const codes = itemsOf(coding).map(({ code }) => code)
  return url === ORAL_REASON && [valueString, text, ...codes].some(isFilled)
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
