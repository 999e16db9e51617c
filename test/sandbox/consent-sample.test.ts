import { readFileSync } from 'node:fs'
import type { CarePlan, Consent } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { readLabelRules } from '#assets/codes.ts'
import type { Party } from '#consent/access-request.ts'
import { compileConsent, decide } from '#consent/decide.ts'
import type { Decision } from '#consent/decision.ts'
import { redact } from '#redact/redact.ts'
import { label } from '#label/label.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import type { Organization } from '#store/organizations.ts'

/** What the sandbox story tells rests on this: the plan and the consent are made so that it comes out as told. */
const root = new URL('../../', import.meta.url)

function jsonOf(file: string) {
  return JSON.parse(readFileSync(new URL(`src/sandbox/samples/${file}`, root), 'utf8'))
}

function party({ id, identifiers }: Pick<Organization, 'id' | 'identifiers'>): Party {
  return { references: [`Organization/${id}`], identifiers, parents: [] }
}

describe('under the consent, the hospital plan', () => {
  const { hospital, municipality, gp } = sandboxOrganizations
  const rules = readLabelRules(root)
  const patient = 'Patient/0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21'
  const resource: CarePlan = { ...jsonOf('careplan-hospital.json'), subject: { reference: patient } }
  const consent: Consent = { ...jsonOf('consent-hospital.json'), patient: { reference: patient } }

  function decideFor(recipient: Party, consents: readonly Consent[]): Decision {
    const labels = label(resource, rules, { custodianSensitivities: hospital.sensitivities })
    return decide(
      {
        patient: { references: [patient], identifiers: [] },
        recipient,
        custodian: party(hospital),
        timeZone: hospital.timeZone,
        purposeOfUse: ['TREAT'],
        action: 'disclose',
        now: '2026-11-21T12:00:00Z',
      },
      consents.map((each) => compileConsent({ id: 'consent-134418', versionId: '1', consent: each })),
      { resource, labels },
      { ruleSetVersion: rules.version, parties: [party(municipality), party(gp)] },
    )
  }

  test.each([
    ['the addiction centre', party(municipality)],
    ['the GP', party(gp)],
  ])('goes to %s without its parts about alcohol', (_, recipient) => {
    const decision = decideFor(recipient, [consent])
    expect(decision.effect).toBe('permit')
    const sent = JSON.stringify(redact(resource, decision))
    expect(sent).toContain('DF331')
    expect(sent).toContain('Samtale med psykiater hver 14. dag')
    expect(sent).not.toMatch(/alkohol|DF102/i)
  })

  test.each([
    ['without the consent', [], 'no-consent'],
    ['after its withdrawal', [{ ...consent, status: 'inactive' as const }], 'consent-not-active'],
  ])('stays at home %s', (_, consents, reason) => {
    expect(decideFor(party(municipality), consents)).toMatchObject({ effect: 'deny', reason })
  })
})
