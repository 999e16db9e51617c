/** What reading a consent ahead finds: defects by their place, warnings, and what needs the time zone of a request. */
import { describe, expect, test } from 'vitest'
import { compileConsent } from '#consent/decide.ts'
import { consentOf, context, decided, labelled, requestOf, resourceOf } from './case-files.ts'

const SNOMED = 'http://snomed.info/sct'

describe('reading a consent', () => {
  test('names each defect by its place', () => {
    const { defects } = compileConsent(
      consentOf('a', 'treatment-permit', {
        policyRule: null,
        provision: {
          actor: 'Organization/gp',
          documentType: [],
          provision: [{ period: { start: '2026-05-32' }, purpose: [7] }],
        },
      }),
    )
    expect(defects.map(({ code, expression }) => `${code} ${expression}`).sort()).toEqual([
      'element-malformed Consent.provision.actor',
      'element-malformed Consent.provision.provision[0].purpose[0]',
      'element-unknown Consent.provision.documentType',
      'period-unreadable Consent.provision.provision[0].period',
      'policy-missing Consent.policyRule',
      'type-missing Consent.provision.provision[0].type',
    ])
  })

  test('warns of what it reads in spite of its form, which is no defect', () => {
    const { defects, warnings } = compileConsent(
      consentOf('a', 'treatment-permit', {
        provision: {
          actor: [{ reference: { reference: 'Organization/gp' } }],
          code: { coding: [{ system: 'http://loinc.org', code: '1-8' }] },
        },
      }),
    )
    expect(defects).toEqual([])
    expect(warnings).toEqual([
      { code: 'code-not-a-list', expression: 'Consent.provision.code' },
      { code: 'role-assumed', expression: 'Consent.provision.actor[0].role' },
    ])
  })

  test('ends at provisions nested without end, and they permit nothing', () => {
    const nested = (depth: number): object =>
      depth === 0 ? { type: 'permit' } : { type: 'permit', provision: [nested(depth - 1)] }
    const consent = consentOf('a', 'treatment-permit', { provision: nested(3000) })
    expect(decided(requestOf(), [consent], labelled(resourceOf('condition'))).reason).toBe('indeterminate')
  })
})

describe('a SNOMED CT concept', () => {
  const below = new Map([['66214007', new Set(['7200002'])]])
  const deny = consentOf('b', 'treatment-deny', {
    provision: { code: [{ coding: [{ system: SNOMED, code: '66214007' }] }] },
  })
  const withCode = (code: string) =>
    labelled(resourceOf({ base: 'condition', with: { code: { coding: [{ system: SNOMED, code }] } } }))

  test.each([
    ['one that lies below it', '7200002', below, 'denied'],
    ['one that does not', '195967001', below, 'permitted'],
    ['any, where nobody knows what lies below it', '195967001', new Map(), 'indeterminate'],
    ['itself, where nobody knows what lies below it', '66214007', new Map(), 'denied'],
  ])('matches %s', (_, found, snomedBelow, reason) => {
    const decision = decided(requestOf(), [consentOf('a'), deny], withCode(found), {
      ...context,
      snomedBelow,
    })
    expect(decision.reason).toBe(reason)
  })
})

test('of a day and an exact time only the zone tells which comes first', () => {
  // 22:30 UTC on 31 May is already 1 June in Copenhagen, so the period ends before it starts there, and not in UTC.
  const consent = consentOf('a', 'treatment-permit', {
    provision: { period: { start: '2026-05-31T22:30:00Z', end: '2026-05-31' } },
  })
  const reasonIn = (timeZone: string) =>
    decided(
      requestOf({ timeZone, now: '2026-05-31T22:45:00Z' }),
      [consent],
      labelled(resourceOf('condition')),
    ).reason
  expect(reasonIn('Europe/Copenhagen')).toBe('consent-defective')
  expect(reasonIn('UTC')).toBe('permitted')
})
