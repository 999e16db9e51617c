/** A consent that capture accepts: written, for one recipient, with its evidence. Cases patch it. */
import type { Consent } from '@medplum/fhirtypes'
import { readLaw } from '#assets/law.ts'
import type { CaptureContext } from '#capture/capture-context.ts'

const HASH = 'Yuz2FvnOmHJJPN29q9tzOVvnmh4='

export const consent = {
  resourceType: 'Consent',
  contained: [
    {
      resourceType: 'DocumentReference',
      id: 'signed',
      status: 'current',
      content: [{ attachment: { contentType: 'application/pdf', hash: HASH, creation: '2026-03-01' } }],
    },
  ],
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: 'Patient/citizen' },
  dateTime: '2026-03-01T10:00:00+01:00',
  organization: [{ identifier: { system: 'urn:oid:1.2.208.176.1.1', value: '999001000016001' } }],
  sourceReference: { reference: '#signed' },
  policyRule: { coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code: 'SUL-43-1' }] },
  provision: {
    type: 'permit',
    actor: [
      {
        role: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
        },
        reference: { identifier: { system: 'urn:oid:1.2.208.176.1.1', value: '999002000016002' } },
      },
    ],
    purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
    class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'CarePlan' }],
  },
} satisfies Consent

export const context: CaptureContext = {
  now: '2026-04-01T12:00:00Z',
  timeZone: 'Europe/Copenhagen',
  jurisdiction: 'DK',
  law: readLaw(new URL('../../', import.meta.url), []),
  birthDate: '1990-01-01',
}

/** A custody holder's consent for a child: who, from when, and what shows it. */
export const guardian = {
  resourceType: 'RelatedPerson',
  id: 'guardian',
  patient: { reference: 'Patient/citizen' },
  extension: [
    {
      url: 'https://sluse.example/fhir/StructureDefinition/proof-of-authority',
      valueReference: { reference: '#order' },
    },
  ],
  relationship: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'GUARD' }] },
  ],
  period: { start: '2020-01-01' },
} as const

export const proof = {
  resourceType: 'DocumentReference',
  id: 'order',
  status: 'current',
  identifier: [{ system: 'https://kommune.example/dokument', value: 'forældremyndighed-1' }],
  content: [{ attachment: { creation: '2020-01-01' } }],
} as const

export const [signed] = consent.contained
