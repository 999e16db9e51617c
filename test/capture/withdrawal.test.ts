import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { capture } from '#capture/capture.ts'
import { replaced, withdrawn, type Withdrawal } from '#capture/withdrawal.ts'
import { consent, context } from './base-consent.ts'

const RECIPIENT = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
}
const gp = { reference: 'Organization/gp' }
const careplan = { system: 'http://hl7.org/fhir/resource-types', code: 'CarePlan' }
const psychiatry = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' }

const parts: readonly (readonly [Withdrawal, ConsentProvision])[] = [
  [
    { kind: 'recipient', recipient: gp },
    { type: 'deny', actor: [{ role: RECIPIENT, reference: gp }] },
  ],
  [
    { kind: 'class', class: careplan },
    { type: 'deny', class: [careplan] },
  ],
  [
    { kind: 'securityLabel', securityLabel: psychiatry },
    { type: 'deny', securityLabel: [psychiatry] },
  ],
]

test('whole: only the status changes, and the evidence stays', () => {
  expect(withdrawn(consent, { kind: 'whole' })).toEqual({ ...consent, status: 'inactive' })
})

test('replaced: inactive, with a link to what took its place', () => {
  const extension = [{ url: 'urn:x', valueCode: 'y' }]
  expect(replaced({ ...consent, extension }, 'Consent/new')).toEqual({
    ...consent,
    status: 'inactive',
    extension: [
      ...extension,
      {
        url: 'https://sluse.example/fhir/StructureDefinition/consent-replaced-by',
        valueReference: { reference: 'Consent/new' },
      },
    ],
  })
})

test.each(parts)('in part (%o): an exception in the permit', (withdrawal, exception) => {
  expect(withdrawn(consent, withdrawal)).toEqual({
    ...consent,
    provision: { ...consent.provision, provision: [exception] },
  })
})

test.each(parts)('in part (%o): in each permit, at any depth, and in no refusal', (withdrawal, exception) => {
  const inner: ConsentProvision = { type: 'permit', class: [careplan] }
  const provision: ConsentProvision = {
    type: 'deny',
    provision: [
      {
        type: 'permit',
        actor: [{ role: RECIPIENT, reference: gp }],
        provision: [{ type: 'deny', provision: [inner] }],
      },
    ],
  }
  expect(withdrawn({ ...consent, provision }, withdrawal).provision).toEqual({
    type: 'deny',
    provision: [
      {
        type: 'permit',
        actor: [{ role: RECIPIENT, reference: gp }],
        provision: [{ type: 'deny', provision: [{ ...inner, provision: [exception] }] }, exception],
      },
    ],
  })
})

test.each(parts)('in part (%o), twice: once', (withdrawal) => {
  const once = withdrawn(consent, withdrawal)
  expect(withdrawn(once, withdrawal)).toEqual(once)
})

test('of a permit by policy alone, the exception needs a provision to stand in', () => {
  const { provision: _none, ...rest } = consent
  const byPolicy: Consent = {
    ...rest,
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
  }
  expect(withdrawn(byPolicy, { kind: 'class', class: careplan }).provision).toEqual({
    type: 'permit',
    provision: [{ type: 'deny', class: [careplan] }],
  })
})

test('what is taken back in part could be sent in again as it is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...parts.map(([withdrawal]) => withdrawal)), { maxLength: 4 }),
      (all) => {
        const rest = all.reduce<Consent>(withdrawn, consent)
        expect(capture(rest, context)).toEqual({ kind: 'accepted' })
      },
    ),
  )
})
