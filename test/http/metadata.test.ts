/** The CapabilityStatement and the table of interactions say the same, and what they say is served. */
import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fhirRoutes } from '#exchange/interactions.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn, sendRaw } from '#test/http.ts'
import { validator } from '#test/validator.ts'

let gateway: TestGateway
let token: string
let statement: CapabilityStatement
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  const client = await gateway.addClient({
    id: 'everything',
    organizationId: sandboxOrganizations.hospital.id,
    profile: 'smart',
    scopes: ['system/*.cruds'],
    purposeOfUse: ['TREAT'],
  })
  token = await client.token()
  statement = (await sendRaw(gateway.baseUrl, '/fhir/metadata')).json() as CapabilityStatement
})
afterAll(() => gateway.close())

function resources(): readonly CapabilityStatementRestResource[] {
  return statement.rest?.[0]?.resource ?? []
}

const types = [...new Set(fhirRoutes.map(({ resourceType }) => resourceType))].filter((type) => type !== '')

test('is valid R4', () => {
  expect(validator.validate(statement)).toEqual([])
})

test('names each type of the table once, and no other; a Bundle for the whole system', () => {
  expect(resources().map(({ type }) => type)).toEqual(types)
  expect(statement.rest?.[0]?.interaction).toEqual([{ code: 'transaction' }, { code: 'batch' }])
})

test('has the nineteen types of the front door', () => {
  expect(types).toEqual(
    expect.arrayContaining([
      'Patient',
      'CarePlan',
      'Consent',
      'Encounter',
      'Condition',
      'Goal',
      'CareTeam',
      'Observation',
      'ServiceRequest',
      'Task',
      'Communication',
      'DocumentReference',
      'Organization',
      'Practitioner',
      'PractitionerRole',
      'RelatedPerson',
      'Provenance',
      'AuditEvent',
      'Subscription',
    ]),
  )
})

describe.each(types)('%s', (type) => {
  const of = (): CapabilityStatementRestResource | undefined => resources().find((each) => each.type === type)

  test('has the interactions and operations of its rows, and no other', () => {
    const rows = new Set(
      fhirRoutes.filter(({ resourceType }) => resourceType === type).map(({ interaction }) => interaction),
    )
    const told = [
      ...(of()?.interaction ?? []).map(({ code }) => code),
      ...(of()?.operation ?? []).map(({ name }) => `$${name}`),
    ]
    expect(told.toSorted()).toEqual([...rows].toSorted())
  })

  test('knows each search parameter, include and reverse include that it names', async () => {
    const asked = [
      ...(of()?.searchParam ?? []).map(({ name }) => `${name}=x`),
      ...(of()?.searchInclude ?? []).map((include) => `_include=${include}`),
      ...(of()?.searchRevInclude ?? []).map((include) => `_revinclude=${include}`),
    ]
    // Of a citizen, where one can be named: a search of Task without one is of work items.
    const isOfCitizen = of()?.searchParam?.some(({ name }) => name === 'patient')
    const citizen = isOfCitizen ? `&patient=Patient/${crypto.randomUUID()}` : ''
    for (const query of asked) {
      const answer = await sendRaw(gateway.baseUrl, `/fhir/${type}?${query}${citizen}`, { token })
      const faults = answer.status === 200 ? [] : faultsIn(answer.json()).map(({ code }) => code)
      expect({ query, faults }).toEqual({ query, faults: expect.not.arrayContaining(['parameter-unknown']) })
    }
    const unknown = await sendRaw(gateway.baseUrl, `/fhir/${type}?colour=blue`, { token })
    expect(faultsIn(unknown.json()).map(({ code }) => code)).toEqual(['parameter-unknown'])
  })
})
