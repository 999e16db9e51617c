/** The record of the bench: the sandbox's own hospital plan, about 3 kB, with psychiatry and addiction in it. */
import { readFileSync } from 'node:fs'
import type { CarePlan, Consent } from '@medplum/fhirtypes'

const SAMPLES = new URL('../../src/sandbox/samples/', import.meta.url)
const plan = JSON.parse(readFileSync(new URL('careplan-hospital.json', SAMPLES), 'utf8')) as CarePlan
const consent = JSON.parse(readFileSync(new URL('consent-hospital.json', SAMPLES), 'utf8')) as Consent

interface Identifier {
  readonly system: string
  readonly value: string
}

export function carePlan(citizen: Identifier, id: string): CarePlan {
  return { ...plan, id, subject: { identifier: { ...citizen } } }
}

/** Of 3.3 kB and five activities, as a hospital's system sends it: without an id. */
export function largerCarePlan(citizen: Identifier): CarePlan {
  const { id: _id, ...rest } = plan
  const [first] = plan.activity ?? []
  if (!first) throw new Error('the sample plan has no activity')
  const fifth = { detail: { ...first.detail, description: 'Opfølgende samtale med kontaktperson' } }
  return {
    ...rest,
    subject: { identifier: { ...citizen } },
    activity: [...(plan.activity ?? []), fifth] as CarePlan['activity'] & object,
    note: [{ text: 'Planen er gennemgået med borgeren, som har fået den udleveret. '.repeat(6).trim() }],
  }
}

/** For psychiatry and addiction: the plan is released whole. */
export function consentFor(citizen: Identifier, recipient: Identifier): Consent {
  const [actor] = consent.provision?.actor ?? []
  if (!actor) throw new Error('the sample consent names no actor')
  return {
    ...consent,
    patient: { identifier: { ...citizen } },
    dateTime: new Date().toISOString(),
    provision: {
      ...consent.provision,
      actor: [{ ...actor, reference: { identifier: { ...recipient } } }],
      securityLabel: ['PSY', 'SUD'].map((code) => ({
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code,
      })),
    },
  }
}
