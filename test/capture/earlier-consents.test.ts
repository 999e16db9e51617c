import type { Consent } from '@medplum/fhirtypes'
import { describe, expect, test } from 'vitest'
import { relateToEarlier } from '#capture/earlier-consents.ts'
import { mergePatch } from '#test/merge-patch.ts'
import { consent } from './base-consent.ts'

const [municipality] = consent.provision.actor
const at = (value: string) => ({ ...municipality, reference: { identifier: { system: 'urn:sor', value } } })
const gp = at('gp')
/** Two numbers of one unit. */
const [gpBySor, gpByGln] = [at('gp-sor'), at('gp-gln')]
const nameOf = ({ identifier }: { identifier?: { value?: string } }): string =>
  (identifier?.value ?? '').replace(/-(?:sor|gln)$/, '')

function patched(patch: object): Consent {
  return mergePatch(consent, patch) as Consent
}

const refusal = (actor: unknown) => ({ provision: { type: 'deny', actor, purpose: null, class: null } })
const policyOf = (code: string) => ({
  policyRule: { coding: [{ system: 'https://sluse.example/fhir/CodeSystem/legal-basis', code }] },
})
const exception = { type: 'deny', actor: [gp] }
const withdrawnPart = { type: 'deny', securityLabel: [{ code: 'SUD' }] }
const excepted = (inner: object) => ({ provision: { provision: [inner] } })

const REPLACED = 'information'
const BEATEN = 'a refusal goes before a permit'
const BEATS = 'this one refuses'
const BESIDE = 'and stays'

// prettier-ignore
const cases = [
  { title: 'the same again', clause: 'K1', now: {}, before: {}, want: [REPLACED] },
  { title: 'another kind of information for the same recipient', clause: 'K1', now: { provision: { class: [{ code: 'Encounter' }] } }, before: {}, want: [REPLACED] },
  { title: 'the same recipient by another number', clause: 'K1', now: { provision: { actor: [gpBySor] } }, before: { provision: { actor: [gpByGln] } }, want: [REPLACED] },
  { title: 'the same recipients in another order', clause: 'K1', now: { provision: { actor: [gp, municipality] } }, before: { provision: { actor: [municipality, gp] } }, want: [REPLACED] },
  { title: 'a source beside the recipient is no recipient', clause: 'K1', now: { provision: { actor: [municipality, { ...gp, role: { coding: [{ code: 'CST' }] } }] } }, before: {}, want: [REPLACED] },
  { title: 'the same with its exception', clause: 'K1', now: excepted(exception), before: excepted(exception), want: [REPLACED] },
  { title: 'an exception more than before', clause: 'K1', now: excepted(exception), before: {}, want: [REPLACED] },
  { title: 'without the exception that was withdrawn from the one before', clause: 'K1', now: {}, before: excepted(withdrawnPart), want: [BEATEN, BESIDE] },
  { title: 'with another exception', clause: 'K1', now: excepted(exception), before: excepted(withdrawnPart), want: [BEATEN, BESIDE] },
  { title: 'the same exception within narrower limits', clause: 'K1', now: { provision: { class: [{ code: 'Encounter' }], provision: [withdrawnPart] } }, before: excepted(withdrawnPart), want: [BEATEN, BEATS, BESIDE] },
  { title: 'an exception deeper down that is not repeated', clause: 'K1', now: {}, before: excepted({ type: 'permit', provision: [withdrawnPart] }), want: [BEATEN, BESIDE] },
  { title: 'another policy', clause: 'K1', now: policyOf('SUL-41-1'), before: {}, want: [BESIDE] },
  { title: 'another recipient', clause: 'K1', now: { provision: { actor: [gp] } }, before: {}, want: [] },
  { title: 'one recipient more', clause: 'K2', now: { provision: { actor: [municipality, gp] } }, before: {}, want: [BESIDE] },
  { title: 'one recipient fewer', clause: 'K2', now: {}, before: { provision: { actor: [municipality, gp] } }, want: [BESIDE] },
  { title: 'a permit after a refusal of the same recipient', clause: 'K2', now: {}, before: refusal([municipality]), want: [BEATEN] },
  { title: 'a permit after a refusal of another', clause: 'K2', now: {}, before: refusal([gp]), want: [] },
  { title: 'a permit after a refusal of everybody', clause: 'K2', now: {}, before: refusal(null), want: [BEATEN] },
  { title: 'a permit after an exception for its recipient', clause: 'K2', now: { provision: { actor: [gp] } }, before: { provision: { provision: [exception] } }, want: [BEATEN] },
  { title: 'a refusal after a permit', clause: 'K2', now: refusal([municipality]), before: {}, want: [BEATS] },
  { title: 'a refusal after the same refusal', clause: 'K1', now: refusal([municipality]), before: refusal([municipality]), want: [] },
  { title: 'a refusal by policy alone', clause: 'K2', now: {}, before: { provision: null, policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] } }, want: [BEATEN] },
  { title: 'a permit where an opt-out has the same one as its exception', clause: 'K1', now: {}, before: { provision: { type: 'deny', actor: null, purpose: null, class: null, provision: [consent.provision] } }, want: [BEATEN, BESIDE] },
] as const

describe('what a new consent means for one that is held already', () => {
  test.each(cases)('$clause: $title', ({ now, before, want }) => {
    const earlier = { id: 'earlier', consent: patched(before) }
    const { replaces, notices } = relateToEarlier(patched(now), [earlier], nameOf)
    expect(replaces).toEqual(want[0] === REPLACED ? [earlier] : [])
    expect(notices).toHaveLength(want.length)
    for (const [index, words] of want.entries())
      expect(`${notices[index]?.severity} ${notices[index]?.text}`).toContain(words)
  })
})

test('a notice names the consent and says what to do', () => {
  const { notices } = relateToEarlier(consent, [{ id: 'e-1', consent: patched(refusal(null)) }], nameOf)
  expect(notices).toEqual([
    {
      severity: 'warning',
      expression: 'Consent.provision.actor',
      text: '`Consent/e-1` refuses for a recipient of this one, and a refusal goes before a permit: withdraw it first if the citizen takes it back',
    },
  ])
})
