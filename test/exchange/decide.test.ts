/** `$decide`: what would go to whom and why, what if, and what would have been then. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Consent, Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BackendClient } from '#sandbox/backend-client.ts'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { comparable, faultsIn } from '#test/http.ts'
import { effectsOf } from '#test/rows.ts'
import { validator } from '#test/validator.ts'

const { elmer, berggren } = sandboxCitizens
const GP = sandboxOrganizations.gp
const PROVIDER_NUMBER = GP.identifiers[2]
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
const TREAT = { name: 'purpose', valueCoding: { system: ACT_REASON, code: 'TREAT' } }

let gateway: TestGateway
let hospital: BackendClient
let gp: BackendClient
let municipality: BackendClient
let planId: string
/** Before there was any consent. */
let beforeConsent: string

beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  hospital = gateway.client('hospital-ehr')
  gp = gateway.client('gp-system')
  municipality = gateway.client('municipality-system')
  planId = randomUUID()
  await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${planId}`, { ...sampleCarePlan(), id: planId })
  beforeConsent = await databaseTime()
})
afterAll(() => gateway.close())

/** The clock that versions are recorded by: what was before is before it, and it is over when it is answered. */
async function databaseTime(): Promise<string> {
  const [row] = await gateway.database.query<{ now: Date }>({
    text: `
with told as materialized (select date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond' as now)
select now from told, pg_sleep(0.002)`,
  })
  return row?.now.toISOString() ?? ''
}

function asking(
  change: {
    readonly patient?: object
    readonly recipient?: object
    readonly more?: readonly ParametersParameter[]
  } = {},
): Parameters {
  const {
    patient = { valueIdentifier: elmer },
    recipient = { valueIdentifier: PROVIDER_NUMBER },
    more = [],
  } = change
  return {
    resourceType: 'Parameters',
    parameter: [{ name: 'patient', ...patient }, { name: 'recipient', ...recipient }, TREAT, ...more],
  }
}

function ask(client: BackendClient, body: object = asking()) {
  return sendFhir(client, 'POST', '/fhir/Consent/$decide', body)
}

async function answered(client: BackendClient, body: object = asking()): Promise<Parameters> {
  const answer = await ask(client, body)
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, ''])
  const parameters = answer.json() as Parameters
  expect(validator.validate(parameters)).toEqual([])
  return parameters
}

/** `effect reason`, then of each record `reference effect reason`, then what is withheld of it. */
function inShort({ parameter = [] }: Parameters): readonly string[] {
  const of = (parts: readonly ParametersParameter[], name: string): string => {
    const part = parts.find((each) => each.name === name)
    return part?.valueCode ?? part?.valueCoding?.code ?? part?.valueReference?.reference ?? ''
  }
  const results = parameter
    .filter(({ name }) => name === 'result')
    .map(({ part = [] }) =>
      [
        of(part, 'reference'),
        of(part, 'effect'),
        of(part, 'reason'),
        ...part.flatMap(({ name, valueString }) => (name === 'withheld' ? [valueString] : [])),
      ].join(' '),
    )
  return [`${of(parameter, 'effect')} ${of(parameter, 'reason')}`, ...results.toSorted()]
}

/** Only for what the municipality holds. */
function fromOthers({ provision }: Consent): Pick<Consent, 'provision'> {
  const source = {
    role: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'CST' }],
    },
    reference: { reference: `Organization/${sandboxOrganizations.municipality.id}` },
  }
  return { provision: { ...provision, actor: [...(provision?.actor ?? []), source] } }
}

const toPlan = (text: string): string => `CarePlan/${planId} ${text}`

describe('before there is any consent', () => {
  test('the request of docs/api/consent-decide.md is answered as it says there', async () => {
    const page = readFileSync(new URL('../../docs/api/consent-decide.md', import.meta.url), 'utf8')
    const [asked = '', shown = ''] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text)
    // What differs between any two answers: ids, the hash, the instant.
    const withoutIds = (text: string): unknown =>
      JSON.parse(text.replaceAll(/[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…'))
    const answer = await ask(hospital, JSON.parse(asked) as object)
    expect(withoutIds(answer.text)).toEqual(withoutIds(shown))
  })

  test('each record of the asker is denied, and why is said in the language asked for', async () => {
    const { parameter = [] } = await answered(
      hospital,
      asking({ more: [{ name: 'language', valueCode: 'da' }] }),
    )
    expect(parameter.map(({ name }) => name)).toEqual([
      'effect',
      'reason',
      'because',
      'at',
      'inputsHash',
      'result',
    ])
    expect(parameter.slice(0, 3)).toEqual([
      { name: 'effect', valueCode: 'deny' },
      {
        name: 'reason',
        valueCoding: { system: 'https://sluse.example/fhir/CodeSystem/decision-reason', code: 'no-consent' },
      },
      { name: 'because', valueString: 'Der findes intet samtykke, som omfatter forespørgslen.' },
    ])
    const [result] = parameter.slice(-1)
    expect(result?.part?.map(({ name }) => name)).toEqual([
      'reference',
      'version',
      'effect',
      'reason',
      'because',
    ])
  })

  test.each([
    ['da-DK, en;q=0.5', 'da'],
    ['en;q=0.2, nn', 'nb'],
    ['sv, *;q=0.1', 'en'],
  ])('Accept-Language %s is answered in %s', async (accepted, language) => {
    const answer = await fetch(`${gateway.baseUrl}/fhir/Consent/$decide`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await hospital.token()}`,
        'content-type': 'application/fhir+json',
        'accept-language': accepted,
      },
      body: JSON.stringify(asking()),
    })
    expect(answer.headers.get('content-language')).toBe(language)
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('what if the citizen consented: to psychiatry, a part; to both, all of it', async () => {
    const ofPlan = async (labels: readonly string[]): Promise<readonly string[]> =>
      inShort(
        await answered(
          hospital,
          asking({
            more: [{ name: 'draft', resource: sampleConsent(PROVIDER_NUMBER, labels, { status: 'draft' }) }],
          }),
        ),
      )
    const [overall, part = ''] = await ofPlan(['PSY'])
    expect(overall).toBe('permit permitted-in-part')
    expect(part).toMatch(new RegExp(`^CarePlan/${planId} redact permitted-in-part .*CarePlan\\.activity\\[`))
    expect(await ofPlan(['PSY', 'SUD'])).toEqual(['permit permitted', toPlan('permit permitted')])
  })

  test('a draft is not stored, and neither is anything else but the audit row', async () => {
    const draft = sampleConsent(PROVIDER_NUMBER, ['PSY'], { id: 'draft-1' })
    const { effects } = await effectsOf(gateway.database, () =>
      answered(hospital, asking({ more: [{ name: 'draft', resource: draft }] })),
    )
    expect(effects.added).toEqual({})
    expect(effects.audit).toEqual([
      {
        v: 1,
        id: expect.any(String) as string,
        kind: 'decide',
        at: expect.any(String) as string,
        outcome: 'success',
        client: 'hospital-ehr',
        organization: sandboxOrganizations.hospital.id,
        custodian: sandboxOrganizations.hospital.id,
        subject: expect.any(String) as string,
        purposeOfUse: ['TREAT'],
        interaction: '$decide',
        inputsHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        requestId: expect.any(String) as string,
      },
    ])
    expect(JSON.stringify(effects.audit)).not.toContain(elmer.value)
  })
})

describe('who is told what', () => {
  test('whoever holds nothing of the citizen is told the same as of one whom nobody knows', async () => {
    const of = async (identifier: object) => {
      const body = asking({
        patient: { valueIdentifier: identifier },
        more: [{ name: 'at', valueInstant: beforeConsent }],
      })
      return comparable(await ask(gp, body))
    }
    expect(await of(elmer)).toEqual(await of(berggren))
    expect(inShort(await answered(gp))).toEqual(['deny no-consent'])
    expect(
      await answered(gp, asking({ patient: { valueReference: { reference: `Patient/${randomUUID()}` } } })),
    ).toMatchObject({
      parameter: [{ valueCode: 'deny' }, { valueCoding: { code: 'no-consent' } }, {}, {}, {}],
    })
  })

  test('its question tells it no citizen in the log either', async () => {
    const other = await gateway.addClient({
      id: 'gp-privacy-officer',
      organizationId: GP.id,
      profile: 'smart',
      scopes: ['system/AuditEvent.rs'],
      purposeOfUse: ['HCOMPL'],
    })
    const found = await other.send('GET', '/fhir/AuditEvent')
    expect(found.text).toContain('"code":"decide"')
    expect(found.text).not.toContain('Patient/')
  })

  test('the recipient learns nothing of the question', async () => {
    await answered(hospital)
    const officer = await gateway.client('privacy-officer').send('GET', '/fhir/AuditEvent')
    expect(officer.text).toContain('"code":"decide"')
    const decides = await gateway.database.query<{ recipient: string | null; effect: string | null }>({
      text: "select recipient, effect from audit_event where kind = 'decide'",
    })
    expect(decides.length).toBeGreaterThan(3)
    expect(new Set(decides.map(({ recipient, effect }) => `${recipient} ${effect}`))).toEqual(
      new Set(['null null']),
    )
  })

  test('records of others are not in the answer, and their consents by id alone', async () => {
    const theirs = randomUUID()
    await sendFhir(municipality, 'PUT', `/fhir/CarePlan/${theirs}`, { ...sampleCarePlan(), id: theirs })
    const denial: Consent = { ...sampleConsent(PROVIDER_NUMBER, []), status: 'active' }
    const { securityLabel: _label, ...provision } = denial.provision ?? {}
    const refused = { ...denial, provision: { ...provision, type: 'deny' } }
    const stored = await sendFhir(municipality, 'POST', '/fhir/Consent', refused)
    expect([stored.status, stored.status === 201 ? '' : stored.text]).toEqual([201, ''])
    const consentId = idOf(stored)
    const answer = await answered(hospital)
    expect(JSON.stringify(answer)).not.toContain(theirs)
    expect(inShort(answer)).toEqual(['deny denied', toPlan('deny denied')])
    expect(answer.parameter?.filter(({ name }) => name === 'basis')).toEqual([
      { name: 'basis', part: [{ name: 'consent', valueReference: { reference: `Consent/${consentId}` } }] },
    ])
    // Its own consent, it is told where to look.
    const own = await answered(municipality)
    expect(own.parameter?.find(({ name }) => name === 'basis')?.part?.map(({ name }) => name)).toEqual([
      'consent',
      'version',
      'provision',
    ])
    await sendFhir(municipality, 'PUT', `/fhir/Consent/${consentId}`, {
      ...refused,
      id: consentId,
      status: 'inactive',
    })
    expect(inShort(await answered(hospital))[0]).not.toBe('deny denied')
  })

  test('whoever holds only a consent so far is answered for what it will hold', async () => {
    const ofBerggren = asking({ patient: { valueIdentifier: berggren } })
    const sent = sampleConsent(PROVIDER_NUMBER, ['PSY'], { patient: { identifier: { ...berggren } } })
    const stored = await sendFhir(hospital, 'POST', '/fhir/Consent', sent)
    expect([stored.status, stored.status === 201 ? '' : stored.text]).toEqual([201, ''])
    const consent = `Consent/${idOf(stored)}`
    const [overall, ...results] = inShort(await answered(hospital, ofBerggren))
    expect([overall, results]).toEqual([
      'permit permitted-on-conditions',
      [`${consent} deny class-not-covered`],
    ])
    // The same consent, of a custodian that it does not speak of, and of one that nobody knows to hold anything.
    const draft = { ...sent, ...fromOthers(sent) }
    const drafted = asking({
      patient: { valueIdentifier: berggren },
      more: [{ name: 'draft', resource: { ...draft, id: idOf(stored) } }],
    })
    expect(inShort(await answered(hospital, drafted))[0]).toBe('deny source-not-covered')
    expect(inShort(await answered(gp, ofBerggren))).toEqual(['deny no-consent'])
  })

  test('no content, and no national id, is in an answer', async () => {
    const { text } = await ask(hospital)
    // Ids and hashes have a `df3` in them by chance.
    const words = text.replaceAll(/[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
    expect(words).not.toMatch(/2509479989|depression|alkohol|DF\d|Behandlingsplan/i)
  })
})

describe('an instant that is over', () => {
  test('is answered with the consents and records of then, though all of it has changed since', async () => {
    const consentId = idOf(
      await sendFhir(hospital, 'POST', '/fhir/Consent', sampleConsent(PROVIDER_NUMBER, ['PSY'])),
    )
    const given = await databaseTime()
    const at = (instant: string) => asking({ more: [{ name: 'at', valueInstant: instant }] })
    const then = await answered(hospital, at(given))
    expect(inShort(then)[0]).toBe('permit permitted-in-part')
    // As the door decided then.
    expect((await gp.send('GET', `/fhir/CarePlan/${planId}`)).status).toBe(200)

    await sendFhir(hospital, 'PUT', `/fhir/Consent/${consentId}`, {
      ...sampleConsent(PROVIDER_NUMBER, ['PSY']),
      id: consentId,
      status: 'inactive',
    })
    await sendFhir(hospital, 'PUT', `/fhir/CarePlan/${planId}`, {
      ...sampleCarePlan(),
      id: planId,
      title: 'En ny plan',
    })
    await gateway.database.query({ text: "insert into rule_set_start (version) values ('another')" })
    const otherRules = await databaseTime()
    await gateway.database.query({
      text: "update organization set unit_type = null, sensitivities = '{SUD}' where organization_id = $1",
      values: [GP.id],
    })

    expect(inShort(await answered(hospital))[0]).toBe('deny unit-type-unknown')
    expect(await answered(hospital, at(given))).toEqual(then)
    expect(inShort(await answered(hospital, at(beforeConsent)))).toEqual([
      'deny no-consent',
      toPlan('deny no-consent'),
    ])
    // Of rules that are not ours any more only their labels are left, and nothing was labelled by these.
    const unlabelled = ['deny not-labelled', toPlan('deny not-labelled')]
    expect(inShort(await answered(hospital, at(otherRules))).slice(0, 2)).toEqual(unlabelled)
  })
})

describe('what is refused', () => {
  test.each<[string, object, object[]]>([
    [
      'nothing',
      { resourceType: 'Parameters' },
      Array.from({ length: 3 }, () => ({ code: 'field-missing', expression: 'Parameters.parameter' })),
    ],
    [
      'a parameter that has no meaning',
      asking({ more: [{ name: 'recipent', valueString: 'x' }] }),
      [{ code: 'field-invalid', expression: 'Parameters.parameter[3].name' }],
    ],
    [
      'a parameter twice',
      asking({ more: [{ name: 'patient', valueIdentifier: elmer }] }),
      [{ code: 'field-invalid', expression: 'Parameters.parameter[3].name' }],
    ],
    [
      'a purpose that is none',
      asking({ more: [{ name: 'purpose', valueCoding: { system: ACT_REASON, code: 'treat' } }] }),
      [{ code: 'code-unknown', expression: 'Parameters.parameter[3].valueCoding' }],
    ],
    [
      'a purpose of another system',
      asking({
        more: [
          { name: 'purpose', valueCoding: { system: 'https://sandkoebing.example/purpose', code: 'TREAT' } },
        ],
      }),
      [{ code: 'code-unknown', expression: 'Parameters.parameter[3].valueCoding' }],
    ],
    [
      'an unknown action',
      asking({ more: [{ name: 'action', valueCode: 'read' }] }),
      [{ code: 'code-unknown', expression: 'Parameters.parameter[3].valueCode' }],
    ],
    [
      'an instant to come',
      asking({ more: [{ name: 'at', valueInstant: '2126-01-01T00:00:00Z' }] }),
      [{ code: 'field-invalid', expression: 'Parameters.parameter[3]' }],
    ],
    [
      'a day for an instant',
      asking({ more: [{ name: 'at', valueDateTime: '2026-01-01' }] }),
      [{ code: 'field-invalid', expression: 'Parameters.parameter[3]' }],
    ],
    [
      'another language',
      asking({ more: [{ name: 'language', valueCode: 'sv' }] }),
      [{ code: 'code-unknown', expression: 'Parameters.parameter[3].valueCode' }],
    ],
    [
      'a draft that is no consent',
      asking({ more: [{ name: 'draft', valueString: 'yes' }] }),
      [{ code: 'field-invalid', expression: 'Parameters.parameter[3]' }],
    ],
    [
      'a draft about somebody else',
      asking({
        more: [
          {
            name: 'draft',
            resource: { ...sampleConsent(PROVIDER_NUMBER, ['PSY']), patient: { identifier: berggren } },
          },
        ],
      }),
      [{ code: 'field-invalid', expression: 'Parameters.parameter[3].resource.patient' }],
    ],
    [
      'a draft of another form',
      asking({
        more: [
          { name: 'draft', resource: { resourceType: 'Consent', status: 'aktiv' } as unknown as Consent },
        ],
      }),
      [
        { code: 'code-unknown', expression: 'Parameters.parameter[3].resource.status' },
        { code: 'field-missing', expression: 'Parameters.parameter[3].resource.scope' },
        { code: 'field-missing', expression: 'Parameters.parameter[3].resource.category' },
      ],
    ],
    [
      'a person as the recipient',
      asking({ recipient: { valueReference: { reference: 'Practitioner/1' } } }),
      [{ code: 'field-invalid', expression: 'Parameters.parameter[1]' }],
    ],
    [
      'a citizen by a number that is none',
      asking({ patient: { valueIdentifier: { system: elmer.system, value: '1234567890' } } }),
      [{ code: 'field-invalid', expression: 'Parameters.parameter[0]' }],
    ],
  ])('%s', async (_, body, faults) => {
    const { result: answer, effects } = await effectsOf(gateway.database, () => ask(hospital, body))
    expect([answer.status, faultsIn(answer.json())]).toEqual([422, faults])
    expect(effects.audit.map(({ kind }) => kind)).toEqual(['refuse'])
  })

  test('a recipient whom nobody registered gets nothing: its type is unknown', async () => {
    const answer = await answered(
      hospital,
      asking({
        recipient: { valueIdentifier: { system: 'urn:oid:1.2.208.176.1.1', value: '999009000016009' } },
      }),
    )
    expect(inShort(answer)[0]).toBe('deny unit-type-unknown')
  })
})

test('a client without the scope is told so', async () => {
  const narrow = gateway.client('hospital-ehr', 'system/Consent.s')
  expect((await ask(narrow)).status).toBe(403)
})
