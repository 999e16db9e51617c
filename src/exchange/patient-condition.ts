/** A condition of a Patient's create: the national id of its body, and no other. https://hl7.org/fhir/R4/http.html#ccreate */
import { GatewayError } from '#fhir/gateway-error.ts'
import { type PersonIdentifier, readPersonIdentifier } from '#fhir/person-identifier.ts'
import type { Call } from './call.ts'

const PLACE = 'http:If-None-Exist'

/**
 * Whether one that the sender's organisation holds already is to be kept as it is. Promise: a national id never stands in a header, where
 * proxies and logs would keep it; in a Bundle the condition is part of the body.
 */
export function readPatientCondition({ header, bundle }: Call, nationalId: PersonIdentifier): boolean {
  const condition = header('if-none-exist')
  if (condition === undefined) return false
  if (bundle === undefined) {
    throw refused(
      'leave it out: a Patient is one citizen by its national id, so a second POST of your organisation is refused as `patient-held-already`',
    )
  }
  const asked = nationalIdIn(condition)
  if (asked?.system === nationalId.system && asked.value === nationalId.value) return true
  throw refused(
    'a Patient is found by the national id that it is sent with, and by nothing else: write `identifier=<system>|<value>` with that number, or leave it out',
  )
}

function nationalIdIn(condition: string): PersonIdentifier | undefined {
  const query = new URLSearchParams(condition)
  const identifier = query.get('identifier')
  const at = identifier?.indexOf('|') ?? -1
  if (identifier === null || at < 1 || query.size !== 1) return undefined
  return readPersonIdentifier(identifier.slice(0, at), identifier.slice(at + 1), PLACE)
}

function refused(text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression: PLACE, text })
}
