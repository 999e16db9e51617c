import { randomUUID } from 'node:crypto'
import type { CarePlan, Organization, Reference } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { answerTo, detail, plan, psychiatric, somatic } from './psychiatry-consent.ts'

/** The registry knows what its units treat (S8), so a number alone gives the illness away, whatever the display says. */
const { id, identifiers } = sandboxOrganizations.municipality
const [sor, gln] = identifiers

const named: readonly { readonly title: string; readonly by: Reference<Organization> }[] = [
  { title: 'its number', by: { identifier: sor, display: 'Havnehuset CANARY' } },
  {
    title: 'its number, with blanks',
    by: { identifier: { ...sor, value: ` ${sor.value} ` }, display: 'CANARY' },
  },
  {
    title: 'its GLN in another spelling',
    by: { identifier: { system: 'http://www.gs1.org/gln', value: gln.value }, display: 'CANARY' },
  },
  { title: 'our id', by: { reference: `Organization/${id}`, display: 'CANARY' } },
  { title: 'a version of our id', by: { reference: `Organization/${id}/_history/1`, display: 'CANARY' } },
  { title: 'a contained organisation', by: { reference: '#o', display: 'CANARY' } },
]

function performedBy(by: Reference<Organization>): CarePlan {
  const activity = [psychiatric, { detail: { ...detail(somatic).detail, performer: [by] } }]
  const inner = { resourceType: 'Organization' as const, id: 'o', identifier: [sor] }
  return { ...plan, activity, ...(by.reference === '#o' ? { contained: [inner] } : {}) }
}

describe('an activity that names an addiction unit is as secret as the addiction', () => {
  for (const { title, by } of named) {
    test(`by ${title}`, () => {
      const { decision, sent } = answerTo(performedBy(by))
      expect(decision.withheld).toEqual([{ path: 'CarePlan.activity[1]', reason: 'label-not-covered' }])
      expect(sent).toContain('DF331')
      expect(sent).not.toContain('CANARY')
      expect(sent).not.toContain(sor.value)
    })
  }

  test('and one that names a unit which treats nothing secret is not', () => {
    const by = { identifier: sandboxOrganizations.gp.identifiers[0], display: 'Lægehuset' }
    expect(answerTo(performedBy(by)).decision).toMatchObject({ reason: 'permitted', withheld: [] })
  })
})

describe('in the gateway', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway({ role: 'gateway' })
  })
  afterAll(() => gateway.close())

  test('a plan of the hospital goes to the GP without the activity at the addiction unit', async () => {
    const hospital = gateway.client('hospital-ehr')
    const recipient = sandboxOrganizations.gp.identifiers[0]
    await sendFhir(hospital, 'POST', '/fhir/Consent', sampleConsent(recipient, ['PSY']))
    const planId = randomUUID()
    const sent = { ...performedBy({ identifier: sor, display: 'Havnehuset' }), id: planId }
    const subject = { identifier: sandboxCitizens.elmer }
    expect((await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${planId}`, { ...sent, subject })).status).toBe(
      201,
    )
    const got = await gateway.client('gp-system').send('GET', `/fhir/CarePlan/${planId}`)
    expect(got.status).toBe(200)
    expect((got.json() as CarePlan).activity).toEqual([psychiatric])
  })
})
