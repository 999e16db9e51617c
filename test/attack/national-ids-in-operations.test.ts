/** Ways to bring a national id to where none may stand, by the operations on consents and the headers of a read. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleConsent } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { outcome, type Received, sendRaw } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

const CPR = 'urn:oid:1.2.208.176.1.2'

let gateway: TestGateway
let token: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway', statutoryBases: ['PSL-13c'] })
  token = await gateway.client('hospital-ehr').token()
})
afterAll(() => gateway.close())

const post = (path: string, body: object): Promise<Received> =>
  sendRaw(gateway.baseUrl, path, { method: 'POST', token, type: FHIR_JSON, body: JSON.stringify(body) })

test.each([
  ['class', { name: 'class', valueCoding: { system: CPR, code: '2509479989' } }, 'valueCoding'],
  [
    'securityLabel',
    { name: 'securityLabel', valueCoding: { system: CPR, code: '2509479989' } },
    'valueCoding',
  ],
  [
    'recipient',
    { name: 'recipient', valueIdentifier: { system: CPR, value: '2509479989' } },
    'valueIdentifier',
  ],
])(
  'what is withdrawn becomes part of the consent: a national id as %s is refused',
  async (_, parameter, at) => {
    const id = idOf(
      await post('/fhir/Consent', sampleConsent(sandboxOrganizations.gp.identifiers[0], ['PSY'])),
    )
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      post(`/fhir/Consent/${id}/$withdraw`, { resourceType: 'Parameters', parameter: [parameter] }),
    )
    expect([answer.status, answer.json()]).toEqual([
      422,
      outcome(
        'field-invalid',
        'a national id may stand in the subject only; leave it out here',
        `Parameters.parameter[0].${at}`,
      ),
    ])
    // Sealed, for whoever corrects it.
    expect(effects.added).toEqual({ quarantine: 1 })
  },
)

test.each(['Patient/2509479989', 'DocumentReference/250947-9989', 'CarePlan/25.09.47.9989'])(
  'the document of a legal basis stands in the log: `%s` is refused',
  async (document) => {
    const answer = await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${randomUUID()}`, {
      token,
      headers: { 'Sluse-Legal-Basis': `PSL-13c; document=${document}` },
    })
    expect([answer.status, answer.json()]).toEqual([
      400,
      outcome(
        'parameter-invalid',
        'the id of `document` has six digits in a row, which may be a national id and would stand in the log: name the document by another id',
        'http:Sluse-Legal-Basis',
      ),
    ])
  },
)

test.each(['CarePlan/plan-12345', `CarePlan/00000000-0000-4000-8000-250947998900`])(
  'one that is named by an id of another form is read: `%s`',
  async (document) => {
    const answer = await sendRaw(gateway.baseUrl, `/fhir/CarePlan/${randomUUID()}`, {
      token,
      headers: { 'Sluse-Legal-Basis': `PSL-13c; document=${document}` },
    })
    expect(answer.status).toBe(404)
  },
)
