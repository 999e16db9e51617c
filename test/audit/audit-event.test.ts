import { describe, expect, test } from 'vitest'
import { LEAF_HASH, renderAuditEvent } from '#audit/audit-event.ts'
import type { AuditEntry } from '#audit/audit-row.ts'
import { validator } from '#test/validator.ts'

const hospital = 'd6c53133-d0ee-443f-ac0f-2a6cb9c2aafb'
const gp = '860cdf70-734b-4cb2-aa53-8877e8d8f030'
const subject = '4f2c7f2e-3a51-4c6e-9f0e-000000000001'
const id = '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21'
const base = { v: 1, id, at: '2026-11-21T10:00:00.000Z', outcome: 'success', client: 'gp-system' } as const
const plan = { type: 'CarePlan', id, version: subject }
const disclosed = {
  ...base,
  kind: 'disclose',
  subject,
  organization: gp,
  custodian: hospital,
  recipient: gp,
  purposeOfUse: ['TREAT'],
  resources: [plan],
  basis: [{ consent: id, version: subject, provision: 'provision' }],
  withheld: ['CarePlan.activity[2]'],
  ruleSet: '2026-1',
  requestId: 'r-134418',
} as const satisfies Partial<AuditEntry>

function rendered(entry: AuditEntry) {
  return renderAuditEvent(
    { entry, recorded: '2026-11-21T10:00:00.123Z', leafHash: 'ab'.repeat(32) },
    {
      observer: 'https://sluse.example/fhir',
      nameOf: (organization) => (organization === hospital ? 'Sandkøbing Psykiatri' : undefined),
      sentenceOf: ({ reason }) => (reason === 'no-consent' ? 'no consent was found.' : undefined),
    },
  )
}

// type, subtype, action, outcome: https://profiles.ihe.net/ITI/BALP/
// prettier-ignore
const cases: readonly { title: string; entry: AuditEntry; want: readonly (string | undefined)[] }[] = [
  { title: 'a message that was accepted', entry: { ...base, kind: 'accept', interaction: 'hl7v2-adt', resources: [plan] }, want: ['110107', 'hl7v2-adt', 'C', '0'] },
  { title: 'a create that was accepted', entry: { ...base, kind: 'accept', interaction: 'create', resources: [plan] }, want: ['rest', 'create', 'C', '0'] },
  { title: 'an update that was accepted', entry: { ...base, kind: 'accept', interaction: 'update', resources: [plan] }, want: ['rest', 'update', 'U', '0'] },
  { title: 'a patch that was accepted', entry: { ...base, kind: 'accept', interaction: 'patch', resources: [plan] }, want: ['rest', 'patch', 'U', '0'] },
  { title: 'a deletion that was accepted', entry: { ...base, kind: 'accept', interaction: 'delete', resources: [plan] }, want: ['rest', 'delete', 'D', '0'] },
  { title: 'a message that was refused', entry: { ...base, kind: 'refuse', outcome: 'refused', interaction: 'message', reason: 'field-missing' }, want: ['110107', 'message', 'C', '8'] },
  { title: 'an update that was refused', entry: { ...base, kind: 'refuse', outcome: 'refused', interaction: 'update', reason: 'field-missing' }, want: ['rest', 'update', 'U', '8'] },
  { title: 'a read that was permitted', entry: { ...disclosed, interaction: 'read', effect: 'permit', reason: 'permitted-in-part' }, want: ['rest', 'read', 'R', '0'] },
  { title: 'a search that was permitted', entry: { ...disclosed, interaction: 'search-type', effect: 'permit', reason: 'permitted' }, want: ['rest', 'search-type', 'R', '0'] },
  { title: 'a notification that was permitted', entry: { ...disclosed, interaction: 'notification', effect: 'permit', reason: 'permitted', subscription: id }, want: ['110106', 'disclose', 'R', '0'] },
  { title: 'a read that was denied', entry: { ...disclosed, interaction: 'read', outcome: 'refused', effect: 'deny', reason: 'no-consent', basis: [], withheld: [] }, want: ['110113', 'AuthZ-Consent', 'E', '8'] },
  { title: 'a notification that was withheld', entry: { ...disclosed, interaction: 'notification', outcome: 'refused', effect: 'deny', reason: 'client-not-entitled', subscription: id }, want: ['110113', 'AuthZ-Consent', 'E', '8'] },
  { title: 'a decision without an effect is no permit', entry: { ...disclosed, interaction: 'read', outcome: 'error' }, want: ['110113', 'AuthZ-Consent', 'E', '12'] },
  { title: 'a search', entry: { ...base, kind: 'search', interaction: 'search-type', subject }, want: ['rest', 'search-type', 'E', '0'] },
  { title: 'a reading of the log', entry: { ...base, kind: 'audit-read', interaction: 'search-type', subject }, want: ['rest', 'search-type', 'E', '0'] },
  { title: 'a question about decisions', entry: { ...base, kind: 'decide', interaction: '$decide', organization: gp, subject, inputsHash: 'cd'.repeat(32) }, want: ['rest', 'decide', 'E', '0'] },
  { title: 'a grant that was opened', entry: { ...base, kind: 'override', interaction: '$override', organization: gp, subject, override: { id, ground: 'patient-unreachable' } }, want: ['110113', '110127', 'E', '0'] },
  ...(['search-type', 'read', 'update'] as const).map((interaction) => ({ title: `a work item: ${interaction}`, entry: { ...base, kind: 'work-item', interaction, organization: gp, subject, resources: [{ type: 'Task', id }] } as const, want: ['rest', interaction, interaction === 'update' ? 'U' : 'E', '0'] })),
  ...(['create', 'update'] as const).map((interaction) => ({ title: `an organisation: ${interaction}`, entry: { v: 1, id, at: base.at, outcome: 'success', kind: 'registry-change', operator: 'Grete', interaction, organization: gp, registered: { type: 'Organization', id: gp, fields: [{ name: 'name', after: 'x' }] } } as const, want: ['110113', 'registry-change', interaction === 'create' ? 'C' : 'U', '0'] })),
  { title: 'a token that was given', entry: { ...base, kind: 'token', interaction: 'token', organization: gp }, want: ['110114', 'ITI-71', 'E', '0'] },
  { title: 'a question about a token', entry: { ...base, kind: 'token', interaction: 'introspect', organization: gp }, want: ['110114', 'introspect', 'E', '0'] },
  { title: 'a token that was given back', entry: { ...base, kind: 'token', interaction: 'revoke', organization: gp }, want: ['110114', 'revoke', 'E', '0'] },
  { title: 'a token that was refused to somebody whom nobody knows', entry: { v: 1, id, at: base.at, kind: 'token', outcome: 'refused', reason: 'client-unknown' }, want: ['110114', 'ITI-71', 'E', '8'] },
  ...(['create', 'update', 'delete'] as const).map((interaction) => ({ title: `a subscription: ${interaction}`, entry: { ...base, kind: 'subscribe', interaction, subscription: id, recipient: gp, organization: gp, resources: [{ type: 'Subscription', id }] } as const, want: ['rest', interaction, { create: 'C', update: 'U', delete: 'D' }[interaction], '0'] })),
]

describe('an audit entry as an AuditEvent', () => {
  test.for(cases)('$title', ({ entry, want }) => {
    const event = rendered(entry)
    expect([event.type.code, event.subtype?.[0]?.code, event.action, event.outcome]).toEqual(want)
    expect(validator.validate(event)).toEqual([])
    expect(event).toMatchObject({
      id,
      recorded: '2026-11-21T10:00:00.123Z',
      extension: [{ url: LEAF_HASH, valueString: 'ab'.repeat(32) }],
      source: { observer: { display: 'https://sluse.example/fhir' } },
    })
    expect(event.agent.filter(({ requestor }) => requestor)).toHaveLength(1)
  })

  test('every kind of entry has a case', () => {
    const kinds = [
      'accept',
      'refuse',
      'disclose',
      'decide',
      'search',
      'override',
      'work-item',
      'token',
      'subscribe',
      'audit-read',
      'registry-change',
    ]
    expect(new Set(cases.map(({ entry }) => entry.kind))).toEqual(new Set(kinds))
  })

  test('a question about decisions names the hash of what it was answered from', () => {
    const hash = 'cd'.repeat(32)
    const event = rendered({ ...base, kind: 'decide', interaction: '$decide', inputsHash: hash })
    expect(event.entity?.[0]).toEqual({
      what: { identifier: { value: hash } },
      type: {
        system: 'https://sluse.example/fhir/CodeSystem/audit-entity',
        code: 'inputs-hash',
        display: 'Inputs of a decision',
      },
    })
  })

  test('a disclosure says who, from whom, to whom, why, what, on which consent, and what was left out', () => {
    const event = rendered({
      ...disclosed,
      interaction: 'read',
      effect: 'permit',
      reason: 'permitted-in-part',
    })
    const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
    expect(event.agent).toEqual([
      {
        type: { coding: [{ system: DCM, code: '110150', display: 'Application' }] },
        who: {
          identifier: { system: 'https://sluse.example/fhir/NamingSystem/client-id', value: 'gp-system' },
        },
        requestor: true,
      },
      {
        type: { coding: [{ system: DCM, code: '110153', display: 'Source Role ID' }] },
        who: { reference: `Organization/${hospital}`, display: 'Sandkøbing Psykiatri' },
        requestor: false,
      },
      {
        type: { coding: [{ system: DCM, code: '110152', display: 'Destination Role ID' }] },
        who: { reference: `Organization/${gp}` },
        requestor: false,
      },
    ])
    expect(event.purposeOfEvent).toEqual([
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }] },
    ])
    expect(
      event.entity?.map(({ what, detail }) => [what?.reference ?? what?.identifier?.value, detail]),
    ).toEqual([
      [`Patient/${subject}`, undefined],
      [`CarePlan/${id}/_history/${subject}`, [{ type: 'withheld', valueString: 'CarePlan.activity[2]' }]],
      [`Consent/${id}/_history/${subject}`, [{ type: 'provision', valueString: 'provision' }]],
      ['r-134418', undefined],
    ])
    expect(event.outcomeDesc).toBe('permitted-in-part')
  })

  test('broken glass is told as a purpose of its own and with its ground, and never by whom', () => {
    const override = { id, ground: 'patient-unreachable' }
    const event = rendered({
      ...disclosed,
      interaction: 'read',
      effect: 'permit',
      reason: 'permitted-by-override',
      basis: [],
      override,
    })
    expect(event.purposeOfEvent?.map(({ coding }) => coding?.[0]?.code)).toEqual(['TREAT', 'BTG'])
    expect(event.entity?.find(({ type }) => type?.code === 'override')).toEqual({
      what: { identifier: { value: id } },
      type: {
        system: 'https://sluse.example/fhir/CodeSystem/audit-entity',
        code: 'override',
        display: 'Break-glass',
      },
      detail: [{ type: 'ground', valueString: 'patient-unreachable' }],
    })
    expect(validator.validate(event)).toEqual([])
  })

  test('a reason is told in a sentence where there is one', () => {
    const denied = { ...disclosed, interaction: 'read', outcome: 'refused', effect: 'deny' } as const
    expect(rendered({ ...denied, reason: 'no-consent' }).outcomeDesc).toBe(
      'no-consent: no consent was found.',
    )
  })
})

test('a change of the registry names the operator, what was changed from what to what, and whose it is', () => {
  const { client: _client, ...rest } = base
  const event = rendered({
    ...rest,
    kind: 'registry-change',
    interaction: 'update',
    operator: 'Grete Drift',
    organization: hospital,
    registered: {
      type: 'Client',
      id: 'hospital-ehr',
      fields: [
        { name: 'disabled', after: 'true' },
        { name: 'scopes', before: 'system/CarePlan.rs', after: 'system/CarePlan.r' },
      ],
    },
  })
  expect(event.subtype?.map(({ code }) => code)).toEqual(['registry-change', '110137'])
  expect(event.agent).toEqual([
    {
      type: {
        coding: [
          {
            system: 'http://dicom.nema.org/resources/ontology/DCM',
            code: '110151',
            display: 'Application Launcher',
          },
        ],
      },
      who: {
        identifier: { system: 'https://sluse.example/fhir/NamingSystem/operator', value: 'Grete Drift' },
      },
      requestor: true,
    },
  ])
  expect(event.entity).toEqual([
    {
      what: {
        identifier: { system: 'https://sluse.example/fhir/NamingSystem/client-id', value: 'hospital-ehr' },
      },
      type: { system: 'https://sluse.example/fhir/CodeSystem/audit-entity', code: 'client' },
      detail: [
        { type: 'disabled', valueString: 'nothing → true' },
        { type: 'scopes', valueString: 'system/CarePlan.rs → system/CarePlan.r' },
      ],
    },
    { what: { reference: `Organization/${hospital}` } },
  ])
  expect(validator.validate(event)).toEqual([])
})

// BALP's pattern for OAuth: the agent is named with the id of its token, and the token stands nowhere.
test('a token is known by its id, as a policy of the client', () => {
  const { agent } = rendered({ ...base, kind: 'token', interaction: 'token', token: 'token-551207' })
  expect(agent?.map(({ policy }) => policy)).toEqual([['urn:ietf:params:oauth:jti:token-551207']])
})
