import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import type { Consent, OperationOutcome } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sampleText, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { ERROR_SYSTEM } from '#fhir/gateway-error.ts'
import { faultsIn } from '#test/http.ts'
import { mergePatch } from '#test/merge-patch.ts'
import { effectsOf } from '#test/rows.ts'

const { hospital: HOSPITAL, municipality: MUNICIPALITY, gp: GP } = sandboxOrganizations
const SYSTEM = 'urn:oid:1.2.208.176.1.2'
/** Born in 1947 and in 2005. */
const [ELMER, YOUNG] = ['2509479989', '0505059996']

const IRCP = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
}

let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
})
afterAll(() => gateway.close())

function consentOf(
  cpr: string,
  patch: object = {},
  recipient: typeof GP | typeof MUNICIPALITY = GP,
): Consent {
  const base = sampleConsent(recipient.identifiers[0], ['PSY', 'SUD'])
  return mergePatch({ ...base, patient: { identifier: { system: SYSTEM, value: cpr } } }, patch) as Consent
}

function post(consent: Consent, client = hospital) {
  return sendFhir(client, 'POST', '/fhir/Consent', consent)
}

const issuesOf = (answer: { json(): unknown }) => (answer.json() as OperationOutcome).issue

async function plan(cpr: string, client = hospital): Promise<string> {
  const id = randomUUID()
  const subject = { identifier: { system: SYSTEM, value: cpr } }
  expect(
    (await sendFhir(client, 'PUT', `/fhir/CarePlan/${id}`, { ...sampleCarePlan(), id, subject })).status,
  ).toBe(201)
  return id
}

const read = async (id: string): Promise<number> => (await gp.send('GET', `/fhir/CarePlan/${id}`)).status

async function statusOf(id: string): Promise<string | undefined> {
  return ((await hospital.send('GET', `/fhir/Consent/${id}`)).json() as Consent).status
}

describe('a consent that could mislead is refused', () => {
  test('422, an issue for each fault with its place, and nothing is stored', async () => {
    const faulty = consentOf('1502829995', {
      dateTime: null,
      organization: null,
      contained: null,
      sourceReference: null,
      provision: {
        actor: null,
        purpose: null,
        class: null,
        securityLabel: null,
        provision: [{ type: 'deny' }],
      },
    })
    const { result: answer, effects } = await effectsOf(gateway.database, () => post(faulty))
    const issue = (code: string, type: string, expression: string, diagnostics: string): unknown => ({
      severity: 'error',
      code: type,
      details: { coding: [{ system: ERROR_SYSTEM, code }] },
      diagnostics,
      expression: [expression],
    })
    expect([answer.status, answer.json()]).toEqual([
      422,
      {
        resourceType: 'OperationOutcome',
        issue: [
          issue(
            'field-missing',
            'required',
            'Consent.provision.actor',
            'the permit names no recipient: name each by `reference` with the role `IRCP`, or it would be for everybody',
          ),
          issue(
            'field-missing',
            'required',
            'Consent.provision.purpose',
            'the permit names no purpose: send a code of v3-ActReason, such as `TREAT`',
          ),
          issue(
            'field-missing',
            'required',
            'Consent.provision.class',
            'the permit names no kind of information: send codes in `class`, `code` or `securityLabel`, or `data`',
          ),
          issue(
            'exception-missing',
            'business-rule',
            'Consent.provision.provision[0]',
            'the exception names nothing that is excepted: send who, what, when or for which purpose, or leave it out',
          ),
          issue(
            'field-missing',
            'required',
            'Consent.dateTime',
            'nothing says when the consent was given: send the day, or the time',
          ),
          issue(
            'field-missing',
            'required',
            'Consent.organization',
            'no organisation is named that holds the consent and answers for it: name the unit that took it',
          ),
          issue(
            'field-missing',
            'required',
            'Consent.source',
            'there is no evidence of the consent: contain a DocumentReference of the signed document, or of the entry in the journal, and refer to it',
          ),
        ],
      },
    ])
    expect(effects.added).toEqual({ quarantine: 1 })
    expect(effects.audit).toMatchObject([{ kind: 'refuse', outcome: 'refused', reason: 'field-missing' }])
  })

  test('an end before its start', async () => {
    const period = { start: '2026-06-01', end: '2026-05-31' }
    const answer = await post(consentOf(ELMER, { provision: { period } }))
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      422,
      [{ code: 'profile-violation', expression: 'Consent.provision.period' }],
    ])
  })

  test('by who was 14 on the day, as the number tells, and not by who was 15', async () => {
    const on = (dateTime: string) => post(consentOf(YOUNG, { dateTime }))
    const before = await on('2020-05-04')
    expect([before.status, issuesOf(before)]).toEqual([
      422,
      [
        {
          severity: 'error',
          code: 'business-rule',
          details: { coding: [{ system: ERROR_SYSTEM, code: 'performer-not-entitled' }] },
          diagnostics:
            'the citizen was under 15 when the consent was given: the custody holder consents, as a contained RelatedPerson',
          expression: ['Consent.performer'],
        },
      ],
    ])
    expect((await on('2020-05-05')).status).toBe(201)
  })

  test('the citizen may be named again as the performer, by the same number', async () => {
    const performer = [{ identifier: { system: SYSTEM, value: ELMER } }]
    const id = idOf(await post(consentOf(ELMER, { performer })))
    const stored = (await hospital.send('GET', `/fhir/Consent/${id}`)).json() as Consent
    expect(stored.performer).toEqual([{ reference: stored.patient?.reference }])
  })

  test('a performer of another number is somebody else, and that number may not stand there', async () => {
    const performer = [{ identifier: { system: SYSTEM, value: YOUNG } }]
    const answer = await post(consentOf(ELMER, { performer }))
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      422,
      [{ code: 'field-invalid', expression: 'Consent.performer[0].identifier' }],
    ])
  })

  test('a record of a sector is refused whole for its consent', async () => {
    const record = sampleText('gp-contact.json').replace('"given": "2026', '"given": "2046')
    const { result: answer, effects } = await effectsOf(gateway.database, () =>
      gp.send('POST', '/sectors/gp/contacts', { type: 'application/json', content: record }),
    )
    expect(answer.status).toBe(422)
    expect(JSON.stringify(answer.json())).toContain('the consent is given later than now')
    expect(effects.added).toEqual({ quarantine: 1 })
  })

  test.each(['inactive', 'entered-in-error'])('%s is always accepted', async (status) => {
    const bare = {
      dateTime: null,
      organization: null,
      contained: null,
      sourceReference: null,
      provision: null,
    }
    expect((await post(consentOf(ELMER, { ...bare, status }))).status).toBe(201)
  })

  test('an answer says what follows, and which recipient nobody here is', async () => {
    const nobody = {
      role: IRCP,
      reference: { identifier: { system: 'urn:oid:1.2.208.176.1.1', value: '999' } },
    }
    const gpById = { role: IRCP, reference: { reference: `Organization/${GP.id}` } }
    const answer = await post(
      consentOf('1502829995', { status: 'draft', provision: { actor: [gpById, nobody] } }),
    )
    expect([answer.status, issuesOf(answer)]).toEqual([
      201,
      [
        {
          severity: 'information',
          code: 'informational',
          diagnostics: expect.stringMatching(
            /^created Consent\/.+, version .+; every decision from now on reads it$/,
          ),
        },
        {
          severity: 'warning',
          code: 'business-rule',
          diagnostics:
            'no organisation is registered here by this reference or number: check it; until one is, a permit opens nothing for it, and a refusal may hold for others',
          expression: ['Consent.provision.actor[1].reference'],
        },
      ],
    ])
  })

  test('a refusal needs no form', async () => {
    const bare = { dateTime: null, organization: null, contained: null, sourceReference: null }
    const refusal = consentOf('3001749995', { ...bare })
    const answer = await post({ ...refusal, provision: { type: 'deny' } })
    expect([answer.status, issuesOf(answer).length]).toEqual([201, 1])
  })
})

test('the first consent of docs/api/consent.md is stored, and there is nothing to add', async () => {
  const page = readFileSync(new URL('../../docs/api/consent.md', import.meta.url), 'utf8')
  const example = /```json\n([^]*?)```/.exec(page)?.[1] ?? ''
  const consent = JSON.parse(example) as Consent
  const own = { ...consent, patient: { identifier: { system: SYSTEM, value: '1502779995' } } }
  const answer = await post(own)
  expect([answer.status, issuesOf(answer).map(({ severity }) => severity)]).toEqual([201, ['information']])
  const id = idOf(answer)
  await sendFhir(hospital, 'PUT', `/fhir/Consent/${id}`, { ...own, id, status: 'inactive' })
})

describe('words instead of codes', () => {
  test('are stored, decide nothing, and wait for a person', async () => {
    const cpr = '0201919990'
    const planId = await plan(cpr)
    const inWords = consentOf(cpr, { scope: { coding: null, text: 'Lægen må se alt om min psykiatri' } })
    const answer = await post(inWords)
    const id = idOf(answer)
    expect([answer.status, issuesOf(answer).slice(1)]).toEqual([
      201,
      [
        {
          severity: 'warning',
          code: 'business-rule',
          diagnostics:
            'how far it reaches stands in words alone: it is kept, opens nothing, and waits for a person to read it',
          expression: ['Consent.scope'],
        },
      ],
    ])
    expect(await read(planId)).toBe(404)
    const items = await gateway.database.query({
      text: 'select code, owner, focus, status from work_item where dedupe_key = $1',
      values: [id],
    })
    expect(items).toEqual([
      { code: 'consent-not-computable', owner: HOSPITAL.id, focus: `Consent/${id}`, status: 'requested' },
    ])
  })

  test.each([
    ['the kind of information', { class: null, securityLabel: null, code: [{ text: 'Alt om psykiatri' }] }],
    [
      'the kind of information and an exception',
      {
        class: null,
        securityLabel: null,
        code: [{ text: 'Alt' }],
        provision: [{ type: 'deny', securityLabel: [{ display: 'rusmidler' }] }],
      },
    ],
    ['a refusal', { type: 'deny', class: null, securityLabel: null, code: [{ text: 'Ikke min psykiatri' }] }],
  ])('%s: nothing is released by it', async (_title, patch) => {
    const cpr = '1502779995'
    const planId = await plan(cpr)
    const id = idOf(await post(consentOf(cpr, { provision: patch })))
    expect(await read(planId)).toBe(404)
    expect(
      (
        await sendFhir(hospital, 'POST', `/fhir/Consent/${id}/$withdraw`, {
          resourceType: 'Parameters',
          parameter: [{ name: 'whole', valueBoolean: true }],
        })
      ).status,
    ).toBe(200)
  })
})

describe('a new consent and those that are held already', () => {
  const TOOK = 'took the place of'

  test('takes the place of the one to the same recipient under the same policy', async () => {
    const cpr = ELMER
    const first = idOf(await post(consentOf(cpr)))
    const answer = await post(
      consentOf(cpr, {
        provision: { actor: [{ role: IRCP, reference: { identifier: GP.identifiers[1] } }] },
      }),
    )
    const second = idOf(answer)
    expect(issuesOf(answer).map(({ severity, diagnostics = '' }) => `${severity} ${diagnostics}`)).toContain(
      `information ${TOOK} \`Consent/${first}\`, to the same recipients under the same policy, which is inactive now`,
    )
    const replaced = (await hospital.send('GET', `/fhir/Consent/${first}`)).json() as Consent
    expect(replaced).toMatchObject({
      status: 'inactive',
      extension: [
        {
          url: 'https://sluse.example/fhir/StructureDefinition/consent-replaced-by',
          valueReference: { reference: `Consent/${second}` },
        },
      ],
    })
    expect(await statusOf(second)).toBe('active')
  })

  test('another recipient: both stand, and nothing is said', async () => {
    const first = idOf(await post(consentOf(ELMER)))
    const answer = await post(consentOf(ELMER, {}, MUNICIPALITY))
    expect([
      answer.status,
      issuesOf(answer).filter(({ diagnostics }) => diagnostics?.includes(first)),
    ]).toEqual([201, []])
    expect(await statusOf(first)).toBe('active')
  })

  test('a refusal stays, and the sender of a permit is told that it goes before it', async () => {
    const refusal = idOf(await post({ ...consentOf(YOUNG), provision: { type: 'deny' } }))
    const answer = await post(consentOf(YOUNG))
    expect(issuesOf(answer).filter(({ severity }) => severity === 'warning')).toContainEqual({
      severity: 'warning',
      code: 'business-rule',
      diagnostics: `\`Consent/${refusal}\` refuses for a recipient of this one, and a refusal goes before a permit: withdraw it first if the citizen takes it back`,
      expression: ['Consent.provision.actor'],
    })
    expect(await statusOf(refusal)).toBe('active')
  })

  test('a draft hears what would be refused and what it would meet, and changes nothing', async () => {
    const cpr = '3001749995'
    const refusal = idOf(await post({ ...consentOf(cpr), provision: { type: 'deny' } }))
    const answer = await post(consentOf(cpr, { status: 'draft', organization: null }))
    expect(answer.status).toBe(201)
    expect(issuesOf(answer).slice(1)).toMatchObject([
      {
        severity: 'warning',
        diagnostics: expect.stringMatching(
          /^it would be refused as an active consent: no organisation is named/,
        ),
        expression: ['Consent.organization'],
      },
      ...issuesOf(answer).slice(2),
    ])
    expect(JSON.stringify(answer.json())).toContain(refusal)
    expect(await statusOf(refusal)).toBe('active')
  })

  test("another organisation's consent is neither replaced nor named", async () => {
    const cpr = '1502829995'
    const foreign = idOf(await post(consentOf(cpr), gp))
    const answer = await post(consentOf(cpr))
    expect([answer.status, answer.text.includes(foreign), issuesOf(answer).length]).toEqual([201, false, 1])
    expect(((await gp.send('GET', `/fhir/Consent/${foreign}`)).json() as Consent).status).toBe('active')
  })

  test('two at once: one of them takes the place of the other', async () => {
    const cpr = '0201919990'
    const answers = await Promise.all([post(consentOf(cpr)), post(consentOf(cpr))])
    const statuses = await Promise.all(answers.map((answer) => statusOf(idOf(answer))))
    expect(statuses.toSorted((a = '', b = '') => a.localeCompare(b))).toEqual(['active', 'inactive'])
  })
})
