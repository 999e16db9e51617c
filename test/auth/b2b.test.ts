import { describe, expect, test } from 'vitest'
import { readB2b } from '#auth/b2b.ts'
import type { Client } from '#auth/client.ts'
import { OAuthRefusal, type RefusalReason } from '#auth/oauth-refusal.ts'
import { ISSUER, client } from './forge.ts'

const OID = 'urn:oid:2.16.840.1.113883.5.8'
const udap: Client = {
  ...client,
  profile: 'udap',
  purposeOfUse: ['TREAT', 'HOPERAT'],
  organizationIdentifiers: [
    { system: 'urn:oid:1.2.208.176.1.1', value: '999001000016001' },
    { system: 'https://www.gs1.org/gln', value: '9520000000011' },
  ],
}
const organization_id = `urn:uuid:${client.organizationId}`
const good = { version: '1', organization_id, purpose_of_use: [`${OID}#TREAT`] }

function outcome(b2b: unknown, of = udap): unknown {
  try {
    return readB2b(b2b === undefined ? undefined : { 'hl7-b2b': b2b }, of, ISSUER)
  } catch (error) {
    if (error instanceof OAuthRefusal) return error.reason
    throw error
  }
}

test('a good object says for whom and why', () => {
  const reference = `https://ehr.example/Consent/${client.organizationId}`
  expect(
    outcome({ ...good, subject_id: '1', subject_role: 'doctor', consent_reference: [reference] }),
  ).toEqual({
    organizationId: organization_id,
    purposeOfUse: ['TREAT'],
    consentReferences: [reference],
  })
})

test.each([
  organization_id,
  `${ISSUER}/fhir/Organization/${client.organizationId}`,
  'urn:oid:1.2.208.176.1.1.999001000016001',
  'urn:oid:1.2.208.176.1.1#999001000016001',
  'https://www.gs1.org/gln#9520000000011',
])('the organisation may be named %s', (name) => {
  expect(outcome({ ...good, organization_id: name })).toMatchObject({ organizationId: name })
})

// https://hl7.org/fhir/us/udap-security/b2b.html#b2b-authorization-extension-object
// prettier-ignore
const refused: readonly [title: string, want: RefusalReason, b2b: unknown][] = [
  ['none',                                       'b2b-missing',      undefined],
  ['null',                                       'b2b-invalid',      null],
  ['a list',                                     'b2b-invalid',      [good]],
  ['no version',                                 'b2b-invalid',      { ...good, version: undefined }],
  ['another version',                            'b2b-invalid',      { ...good, version: '2' }],
  ['a version that is a number',                 'b2b-invalid',      { ...good, version: 1 }],
  ['a member that is not known',                 'b2b-invalid',      { ...good, purpose: 'TREAT' }],
  ['no organisation',                            'b2b-organization', { version: '1', purpose_of_use: good.purpose_of_use }],
  ['another organisation',                       'b2b-organization', { ...good, organization_id: 'urn:uuid:68a392d3-c6b9-43cc-95fb-34b387cb804f' }],
  ['an organisation of another system',          'b2b-organization', { ...good, organization_id: 'https://www.gs1.org/gln#999001000016001' }],
  ['no purpose',                                 'b2b-purpose',      { version: '1', organization_id }],
  ['an empty list of purposes',                  'b2b-invalid',      { ...good, purpose_of_use: [] }],
  ['a purpose that is a text',                   'b2b-invalid',      { ...good, purpose_of_use: `${OID}#TREAT` }],
  ['a purpose without its system',               'b2b-purpose',      { ...good, purpose_of_use: ['TREAT'] }],
  ['a purpose that nobody knows',                'b2b-purpose',      { ...good, purpose_of_use: [`${OID}#NOSUCH`] }],
  ['a purpose beyond the registration',          'b2b-purpose',      { ...good, purpose_of_use: [`${OID}#HMARKT`] }],
  ['a known purpose beside one beyond',          'b2b-purpose',      { ...good, purpose_of_use: [`${OID}#TREAT`, `${OID}#HMARKT`] }],
  ['11 purposes',                                'b2b-invalid',      { ...good, purpose_of_use: Array.from({ length: 11 }, () => `${OID}#TREAT`) }],
  ['a consent reference without TLS',            'b2b-invalid',      { ...good, consent_reference: ['http://ehr.example/Consent/a'] }],
  ['a consent reference that may hold a CPR',    'b2b-invalid',      { ...good, consent_reference: ['https://ehr.example/Consent/250947-9989'] }],
  ['a consent reference with a query',           'b2b-invalid',      { ...good, consent_reference: ['https://ehr.example/Consent?patient=a'] }],
  ['a consent reference that is no URL',         'b2b-invalid',      { ...good, consent_reference: ['Consent/a'] }],
  ['a consent reference that breaks the line',   'b2b-invalid',      { ...good, consent_reference: ['https://ehr.example/\nConsent/a'] }],
]
test.each(refused)('%s is refused: %s', (_, want, b2b) => {
  expect(outcome(b2b)).toBe(want)
})

describe('never ignored', () => {
  test.each(['smart', 'helseid'] as const)('by the profile %s, which has none', (profile) => {
    expect(outcome(good, { ...udap, profile })).toBe('b2b-unsupported')
    expect(outcome(undefined, { ...udap, profile })).toBeUndefined()
  })

  test('beside another extension', () => {
    const extensions = { 'hl7-b2b': good, 'tefca-ias': {} }
    expect(() => readB2b(extensions, udap, ISSUER)).toThrow('b2b-unsupported')
  })
})
