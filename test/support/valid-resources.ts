/** Resources that are valid against R4 and their profile: the base that cases patch. Synthetic people and organisations. */

const organization = {
  identifier: { system: 'urn:oid:1.2.208.176.1.1', value: '418711000016007' },
  display: 'Psykiatrisk Center Eksempel',
}

export const carePlan = {
  resourceType: 'CarePlan',
  id: 'plan-134418',
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' }] },
  contained: [
    {
      resourceType: 'Goal',
      id: 'sleep',
      lifecycleStatus: 'active',
      description: { text: 'Sover seks timer' },
      subject: { reference: 'Patient/patient-134418' },
      target: [
        {
          measure: { text: 'Søvn' },
          detailQuantity: { value: 6, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' },
        },
      ],
    },
  ],
  status: 'active',
  intent: 'plan',
  title: 'Behandlingsplan',
  subject: { reference: 'Patient/patient-134418' },
  period: { start: '2026-01-05', end: '2026-06-30' },
  author: organization,
  goal: [{ reference: '#sleep' }],
  activity: [
    {
      detail: {
        kind: 'ServiceRequest',
        code: { coding: [{ system: 'urn:oid:1.2.208.176.2.4', code: 'DF331' }], text: 'Samtaleforløb' },
        status: 'in-progress',
        description: 'Samtale hver uge',
        goal: [{ reference: '#sleep' }],
        scheduledPeriod: { start: '2026-01-05T09:00:00+01:00', end: '2026-03-30T09:00:00+02:00' },
        performer: [organization],
      },
    },
    { reference: { reference: 'ServiceRequest/request-134418' } },
  ],
}

export const encounter = {
  resourceType: 'Encounter',
  id: 'encounter-134418',
  identifier: [{ system: 'urn:oid:1.2.208.176.7.1.10.132', value: 'visit-134418' }],
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  subject: { reference: 'Patient/patient-134418' },
  period: { start: '2026-01-05T10:15:00+01:00' },
  serviceProvider: organization,
}

export const condition = {
  resourceType: 'Condition',
  id: 'condition-134418',
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
  },
  code: { text: 'Nedtrykt i perioder' },
  subject: { reference: 'Patient/patient-134418' },
}

export const consent = {
  resourceType: 'Consent',
  id: 'consent-134418',
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'INFA' }] }],
  patient: { reference: 'Patient/patient-134418' },
  dateTime: '2026-01-05T10:15:00+01:00',
  organization: [organization],
  policyRule: { coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code: 'SUL-43-1' }] },
  provision: {
    type: 'permit',
    period: { start: '2026-01-05', end: '2026-12-31' },
    actor: [
      {
        role: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
        },
        reference: { identifier: { system: 'https://www.gs1.org/gln', value: '5790000000012' } },
      },
    ],
    purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
    class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'CarePlan' }],
  },
}

export const validResources = { carePlan, encounter, condition, consent }

const subject = { reference: 'Patient/patient-134418' }
const SKS = 'urn:oid:1.2.208.176.2.4.12'
const depression = { coding: [{ system: SKS, code: 'DF331', display: 'Periodisk depression' }] }

export const goal = {
  resourceType: 'Goal',
  id: 'goal-134418',
  lifecycleStatus: 'active',
  achievementStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/goal-achievement', code: 'improving' }],
  },
  description: { text: 'Sover seks timer' },
  subject,
  startDate: '2026-01-05',
  target: [{ measure: depression, detailInteger: 9, dueDate: '2026-06-30' }],
  addresses: [{ reference: 'Condition/condition-134418' }],
}

export const careTeam = {
  resourceType: 'CareTeam',
  id: 'team-134418',
  status: 'active',
  name: 'Teamet om borgeren',
  subject,
  period: { start: '2026-01-05' },
  participant: [
    { role: [{ text: 'Tovholder' }], member: organization },
    { member: { reference: 'Practitioner/practitioner-134418' }, onBehalfOf: organization },
  ],
  managingOrganization: [organization],
}

export const observation = {
  resourceType: 'Observation',
  id: 'observation-134418',
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '44249-1' }], text: 'PHQ-9' },
  subject,
  effectiveDateTime: '2026-01-05T10:15:00+01:00',
  performer: [organization],
  valueInteger: 17,
  component: [
    {
      code: { coding: [{ system: 'http://loinc.org', code: '74013-4' }] },
      valueQuantity: { value: 4, unit: 'genstande', system: 'http://unitsofmeasure.org', code: '1' },
    },
  ],
}

export const serviceRequest = {
  resourceType: 'ServiceRequest',
  id: 'request-134418',
  status: 'active',
  intent: 'order',
  priority: 'routine',
  code: { text: 'Samtaleforløb' },
  subject,
  authoredOn: '2026-01-05',
  requester: organization,
  reasonCode: [depression],
}

export const communication = {
  resourceType: 'Communication',
  id: 'message-134418',
  status: 'completed',
  category: [
    {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'notification' },
      ],
    },
  ],
  subject,
  sent: '2026-01-05T10:15:00+01:00',
  sender: organization,
  reasonCode: [depression],
  payload: [{ contentString: 'Første samtale er aftalt' }],
}

export const documentReference = {
  resourceType: 'DocumentReference',
  id: 'document-134418',
  masterIdentifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:5c2b1a0e-8f0c-4a57-9a55-5c1c1a3f7d21' },
  status: 'current',
  docStatus: 'final',
  type: depression,
  subject,
  date: '2026-01-05T10:15:00+01:00',
  author: [organization],
  content: [
    { attachment: { contentType: 'application/pdf', data: 'JVBERi0xLjcK', title: 'Udskrivningsbrev' } },
  ],
}

export const relatedPerson = {
  resourceType: 'RelatedPerson',
  id: 'relative-134418',
  active: true,
  patient: subject,
  relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }] }],
  name: [{ family: 'Testesen', given: ['Karla'] }],
  telecom: [{ system: 'phone', value: '+4500000000' }],
}

export const task = {
  resourceType: 'Task',
  id: 'task-134418',
  identifier: [{ system: 'https://hospital.example/anmodning', value: 'anmodning-134418' }],
  status: 'requested',
  businessStatus: { coding: [{ system: 'https://hospital.example/trin', code: 'afventer' }] },
  intent: 'order',
  priority: 'urgent',
  code: {
    coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }],
    text: 'Fælles udskrivningsmøde',
  },
  for: subject,
  authoredOn: '2026-01-05T10:15:00+01:00',
  requester: organization,
  owner: organization,
  reasonCode: depression,
  input: [{ type: { text: 'Forslag til dag' }, valueDate: '2026-01-12' }],
}
