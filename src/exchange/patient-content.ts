/**
 * A Patient as it was sent, taken apart: the national numbers, which name the citizen and are kept sealed elsewhere, and the rest, which
 * its sender alone reads again. https://hl7.org/fhir/R4/patient.html
 */
import type { Identifier, Patient, Resource } from '@medplum/fhirtypes'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { type PersonIdentifier, readPersonIdentifier } from '#fhir/person-identifier.ts'
import type { Validator } from '#fhir/validate.ts'
import { refuse } from '#intake/prepare.ts'
import { strayNationalIds } from '#intake/subject.ts'

export interface PatientContent {
  readonly nationalIds: readonly PersonIdentifier[]
  readonly content: Patient
}

/** @throws GatewayError with every fault of its form; then of its numbers, one after the other. */
export function readPatientContent(validator: Validator, sent: Resource): PatientContent {
  if (sent.resourceType !== 'Patient')
    throw new GatewayError({ code: 'field-invalid', expression: 'resourceType', text: 'send a Patient' })
  // Made by others it may name what no element names; nobody but its sender would read it.
  const { text: _dropped, meta, ...rest } = sent
  const patient: Patient = { ...rest, ...(meta?.profile ? { meta: { profile: meta.profile } } : {}) }
  refuse(validator.validate(patient))
  refuse(refusedElements(patient))
  const { identifier = [], ...others } = patient
  const nationalIds = identifier.flatMap((each, at) =>
    isNational(each) ? [readPersonIdentifier(each.system, each.value, `Patient.identifier[${at}]`)] : [],
  )
  const kept = identifier.filter((each) => !isNational(each))
  refuse(disguised(identifier, nationalIds))
  const content: Patient = { ...others, ...(kept.length > 0 ? { identifier: kept } : {}) }
  refuse(strayNationalIds(content, 'Patient'))
  return { nationalIds, content }
}

/** Also one that is refused by name, such as a regional replacement number. */
function isNational({ system }: Identifier): boolean {
  return strayNationalIds({ system }, '').length > 0
}

/** Who is the same person as whom is told by numbers and confirmed by a person, not by a link. What is contained would have no owner. */
function refusedElements({ link, contained }: Patient): Fault[] {
  return [
    ...(link
      ? [
          {
            code: 'field-invalid' as const,
            expression: 'Patient.link',
            text: 'citizens are not linked by a Patient; leave it out, and ask the operator to join two that are one person',
          },
        ]
      : []),
    ...(contained
      ? [
          {
            code: 'field-invalid' as const,
            expression: 'Patient.contained',
            text: 'a Patient is kept without contained resources; refer to them by identifier',
          },
        ]
      : []),
  ]
}

/** The same digits under another system would be a national number that stands in the clear. */
function disguised(identifiers: readonly Identifier[], nationalIds: readonly PersonIdentifier[]): Fault[] {
  const numbers = new Set(nationalIds.map(({ value }) => value))
  return identifiers.flatMap((each, at) =>
    !isNational(each) && numbers.has((each.value ?? '').replaceAll(/[\s\p{Pd}]/gu, ''))
      ? [
          {
            code: 'field-invalid' as const,
            expression: `Patient.identifier[${at}]`,
            text: 'this repeats the national number under another system; leave it out',
          },
        ]
      : [],
  )
}
