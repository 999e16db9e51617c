/**
 * A national id never appears in a URL, log line, metric, trace, job, title or error. One journey with everything that can
 * go right and wrong, then a search in everything that it left, for each number in each written form.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { CarePlan } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { sampleCarePlan, sampleConsent, subscriptionFor } from '#test/fhir-samples.ts'
import { breakGlass, grantIn, overrideParameters, physician } from '#test/overrides.ts'
import { backends, type Installation, makeInstallation } from '#test/process-installation.ts'
import { queueText } from '#test/process-queue.ts'
import { settled } from '#test/process-steps.ts'
import type { TestProcess } from '#test/process.ts'
import { startSink, type Sink } from '#test/sink.ts'
import { FHIR_JSON, sectorWays } from '#test/ways-in.ts'
import { formsIn, withoutPersonIdentifiers, writtenForms } from '#test/written-forms.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const CPR = 'urn:oid:1.2.208.176.1.2'
const X_ECPR = 'urn:oid:1.2.208.176.1.6.1.1'
const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'

/** Sent where they belong. */
const citizens = [
  { system: CPR, value: '2509479989' },
  { system: CPR, value: '1502779995' },
  { system: FNR, value: '15838510156' },
  { system: X_ECPR, value: '0703921VJ4' },
] as const
/** Sent where they do not. */
const [MISPLACED, MISTYPED] = ['3001749995', '0505059996'] as const
const numbers = [...citizens.map(({ value }) => value), '1502829995', MISPLACED, MISTYPED]

/** Every table, and whether the journey fills it. A new one belongs here, with what fills it, or why nothing does. */
const tables: Readonly<Record<string, 'filled' | { readonly empty: string }>> = {
  audit_event: 'filled',
  client: 'filled',
  client_version: 'filled',
  consent_suspension: { empty: 'ids alone: test/exchange/merged-persons.test.ts' },
  delivery: 'filled',
  directory_entry: { empty: 'about staff; its own check refuses the systems of citizens' },
  directory_version: { empty: 'about staff, as above' },
  idempotency_key: 'filled',
  key_in_use: 'filled',
  message: 'filled',
  migration: 'filled',
  organization: 'filled',
  organization_identifier: 'filled',
  organization_version: 'filled',
  override_grant: 'filled',
  patient: { empty: 'test/exchange/patient.test.ts; its own check refuses the systems of citizens' },
  patient_version: { empty: 'as patient' },
  person: 'filled',
  person_identifier: 'filled',
  quarantine: 'filled',
  relabelling: 'filled',
  resource: 'filled',
  resource_label: { empty: 'labels of other rules: none started here' },
  resource_version: 'filled',
  revoked_token: { empty: 'ids of tokens of ours: test/auth' },
  rule_set_start: 'filled',
  spent_assertion: 'filled',
  spent_proof: { empty: 'of DPoP: test/auth/dpop.test.ts' },
  subscription: 'filled',
  work_item: 'filled',
}

interface Answered {
  readonly asked: string
  readonly status: number
  readonly headers: string
  readonly body: string
}

describe.each(backends)('on $name', ({ redis, missing }) => {
  describe.skipIf(missing)('after a full journey', () => {
    let installation: Installation
    let process: TestProcess
    let sink: Sink
    let collector: Awaited<ReturnType<typeof startCollector>>
    const answers: Answered[] = []
    let metrics = ''
    let queue = ''
    let running: readonly string[] = []

    beforeAll(async () => {
      ;[installation, sink, collector] = await Promise.all([
        makeInstallation({ redis }),
        startSink(),
        startCollector(),
      ])
      process = await installation.start('all', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
      await journey()
      metrics = await (await fetch(`${installation.baseUrl}/metrics`)).text()
      queue = await queueText(installation)
      const statements = await installation.query<{ query: string }>(
        'select query from pg_stat_activity where datname = current_database()',
      )
      running = statements.map(({ query }) => query)
      await process.end('SIGTERM')
    })
    afterAll(async () => {
      await installation.close()
      await Promise.all([sink.close(), collector.close()])
    })

    interface Ask {
      readonly token?: string
      readonly type?: string
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string | object
    }

    async function ask(
      method: string,
      path: string,
      { token, type, headers, body }: Ask = {},
    ): Promise<Answered> {
      const response = await fetch(`${installation.baseUrl}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': type ?? FHIR_JSON }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const answered = {
        asked: `${method} ${path}`,
        status: response.status,
        headers: JSON.stringify([...response.headers]),
        body: await response.text(),
      }
      answers.push(answered)
      return answered
    }

    async function journey(): Promise<void> {
      const [hospital, municipality, gp, officer] = await Promise.all(
        ['hospital-ehr', 'municipality-system', 'gp-system', 'privacy-officer'].map((id) =>
          installation.client(id).token(),
        ),
      )
      const tokens = { hospital, municipality, gp, officer }
      await subscribed(tokens.municipality)
      await accepted(tokens)
      await misplaced(tokens)
      await asked(tokens)
      await brokenGlass(tokens.gp)
      await tokensRefused()
      await sink.next(({ type }) => type === 'event-notification')
    }

    type Tokens = Readonly<Record<'hospital' | 'municipality' | 'gp' | 'officer', string | undefined>>

    const as = (token: string | undefined): Pick<Ask, 'token'> => (token === undefined ? {} : { token })

    async function subscribed(token: string | undefined): Promise<void> {
      const made = await ask('POST', '/fhir/Subscription', { ...as(token), body: subscriptionFor(sink.url) })
      expect(made.status).toBe(201)
      await sink.next(({ type }) => type === 'handshake')
    }

    const planOf = (identifier: object, change: Partial<CarePlan> = {}): CarePlan => ({
      ...sampleCarePlan(),
      subject: { identifier },
      ...change,
    })

    async function accepted({ hospital, municipality, gp }: Tokens): Promise<void> {
      const senders = { 'hospital-ehr': hospital, 'municipality-system': municipality, 'gp-system': gp }
      for (const way of sectorWays) {
        const token = Object.hasOwn(senders, way.client)
          ? senders[way.client as keyof typeof senders]
          : undefined
        const sent = await ask(way.method, way.path, { ...as(token), type: way.type, body: way.body })
        expect([way.title, sent.status]).toEqual([way.title, 201])
      }
      for (const identifier of citizens) {
        const consent = { ...sampleConsent(MUNICIPALITY, ['PSY', 'SUD']), patient: { identifier } }
        await ask('POST', '/fhir/Consent', { ...as(hospital), body: consent })
        const key = { 'idempotency-key': randomUUID() }
        const body = planOf(identifier)
        for (const _ of [1, 2])
          expect((await ask('POST', '/fhir/CarePlan', { ...as(hospital), headers: key, body })).status).toBe(
            201,
          )
      }
      // With its hyphen: as people write it.
      const written = planOf({ system: CPR, value: '250947-9989' })
      expect((await ask('POST', '/fhir/CarePlan', { ...as(hospital), body: written })).status).toBe(201)
      const withText = {
        ...sampleConsent(MUNICIPALITY, ['PSY']),
        provision: undefined,
        policyRule: undefined,
      }
      await ask('POST', '/fhir/Consent', { ...as(hospital), body: withText })
    }

    /** In every place of a request that is not meant for it. */
    async function misplaced({ hospital, officer }: Tokens): Promise<void> {
      const forms = [
        MISPLACED,
        `${MISPLACED.slice(0, 6)}-${MISPLACED.slice(6)}`,
        encodeURIComponent(`${CPR}|${MISPLACED}`),
      ]
      for (const form of forms) {
        for (const path of [
          `/fhir/CarePlan/${form}`,
          `/fhir/CarePlan/${form}/_history/1`,
          `/fhir/CarePlan?patient.identifier=${form}`,
          `/fhir/CarePlan?patient=${form}`,
          `/fhir/CarePlan?_id=${form}`,
          `/fhir/CarePlan?${form}=1`,
          `/fhir/Patient?identifier=${form}`,
          `/fhir/Patient/${form}`,
          `/fhir/Task?patient=${form}`,
          `/fhir/${form}`,
          `/${form}`,
          `/sectors/${form}`,
        ])
          await ask('GET', path, as(hospital))
        await ask('GET', `/fhir/AuditEvent?patient=${form}`, as(officer))
        await ask('PUT', `/fhir/CarePlan/${form}`, {
          ...as(hospital),
          body: planOf(citizens[0], { id: form }),
        })
        await ask('DELETE', `/fhir/CarePlan/${form}`, as(hospital))
        await ask(form.replace(/[^0-9A-Z]/g, ''), '/fhir/CarePlan', as(hospital)).catch(() => undefined)
        const header = decodeURIComponent(form)
        for (const name of [
          'x-request-id',
          'if-match',
          'if-none-exist',
          'prefer',
          'accept',
          'sluse-override',
          'sluse-legal-basis',
          'traceparent',
          'user-agent',
          'referer',
          'idempotency-key',
        ])
          await ask('POST', '/fhir/CarePlan', {
            ...as(hospital),
            headers: { [name]: header },
            body: planOf({ system: CPR, value: MISTYPED }, { status: 'unknown' }),
          })
        await ask('POST', '/fhir/CarePlan', { ...as(hospital), type: header, body: '{}' })
      }
      await wrongBodies(hospital)
    }

    async function wrongBodies(hospital: string | undefined): Promise<void> {
      const bad = `${MISTYPED}1`
      const wrong: readonly (string | object)[] = [
        `{"resourceType":"CarePlan","subject":{"identifier":{"value":"${MISTYPED}"`,
        `{"${MISTYPED}":1,"${MISTYPED}":2}`,
        `"${MISTYPED}"`,
        { resourceType: MISTYPED },
        planOf({ system: CPR, value: bad }),
        planOf({ system: MISTYPED, value: MISTYPED }),
        planOf({ system: FNR, value: MISTYPED }),
        planOf({ system: X_ECPR, value: MISTYPED }),
        planOf({ system: CPR, value: MISTYPED }, { status: MISTYPED as 'active' }),
        { ...planOf(citizens[0]), [`x${MISTYPED}`]: 1 },
        { ...planOf(citizens[0]), subject: { reference: `Patient/${MISTYPED}` } },
        { ...planOf(citizens[0]), identifier: [{ system: CPR, value: MISTYPED }] },
        { ...planOf(citizens[0]), period: { start: MISTYPED } },
        planOf(citizens[0], { title: `Plan for ${MISTYPED}` }),
        planOf(citizens[0], { title: 'Plan for 050505-9996' }),
        {
          ...planOf(citizens[0]),
          activity: [{ detail: { status: 'active', code: { coding: [{ system: CPR, code: MISTYPED }] } } }],
        },
        {
          ...sampleConsent(MUNICIPALITY, ['PSY']),
          organization: [{ identifier: { system: CPR, value: MISTYPED } }],
        },
        {
          ...sampleConsent(MUNICIPALITY, ['PSY']),
          patient: { identifier: { system: CPR, value: MISTYPED }, reference: `Patient/${MISTYPED}` },
        },
        subscriptionFor(`${sink.url}${MISTYPED}-not-a-port:`, {
          filters: [`CarePlan?subject:identifier=${CPR}|${MISTYPED}`],
        }),
      ]
      for (const body of wrong) {
        const { resourceType = 'CarePlan' } = body as { readonly resourceType?: string }
        const type = /^(?:Consent|Subscription)$/.test(resourceType) ? resourceType : 'CarePlan'
        await ask('POST', `/fhir/${type}`, { ...as(hospital), body })
      }
      for (const way of sectorWays)
        await ask(way.method, way.path, {
          ...as(hospital),
          type: way.type,
          body: way.body.replaceAll('1502829995', `${MISTYPED}99`),
        })
      const batch = {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [
          { request: { method: 'GET', url: `CarePlan/${MISTYPED}` } },
          { request: { method: 'GET', url: `CarePlan?patient.identifier=${CPR}|${MISTYPED}` } },
          { request: { method: 'POST', url: 'CarePlan' }, resource: planOf({ system: CPR, value: bad }) },
        ],
      }
      await ask('POST', '/fhir', { ...as(hospital), body: batch })
    }

    async function asked({ hospital, municipality, gp, officer }: Tokens): Promise<void> {
      for (const token of [hospital, municipality, gp])
        for (const { system, value } of [
          ...citizens,
          { system: CPR, value: MISPLACED },
          { system: CPR, value: MISTYPED.slice(1) },
        ])
          for (const [type, name] of [
            ['CarePlan', 'patient.identifier'],
            ['Consent', 'patient.identifier'],
            ['Patient', 'identifier'],
            ['Task', 'patient.identifier'],
          ])
            await ask('POST', `/fhir/${type}/_search`, {
              ...as(token),
              type: 'application/x-www-form-urlencoded',
              body: new URLSearchParams({ [name ?? '']: `${system}|${value}` }).toString(),
            })
      await ask('GET', '/fhir/AuditEvent?_count=200', as(officer))
      await ask('GET', '/fhir/Task', as(officer))
      await ask('GET', '/fhir/Subscription', as(municipality))
      await ask('GET', '/fhir/metadata')
      await ask('POST', '/fhir/Consent/$decide', {
        ...as(officer),
        body: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'patient', valueIdentifier: citizens[0] },
            { name: MISTYPED, valueString: MISTYPED },
          ],
        },
      })
      const [made] = await installation.query<{ id: string; version_id: string }>(
        `select id, version_id from resource where resource_type = 'CarePlan' and custodian = $1 order by last_updated limit 1`,
        [sandboxOrganizations.hospital.id],
      )
      if (!made) throw new Error('no plan was stored')
      await settled(installation, made.version_id)
      for (const token of [hospital, municipality, gp])
        await ask('GET', `/fhir/CarePlan/${made.id}`, as(token))
    }

    async function brokenGlass(gp: string | undefined): Promise<void> {
      await installation.query(
        `update client set may_override = true, override_persons = $1 where client_id = 'gp-system'`,
        [JSON.stringify([physician])],
      )
      const reason = { reason: { valueString: `Bevidstløs, cpr ${MISPLACED} efter pårørende` } }
      const opened = await breakGlass(installation.baseUrl, gp ?? '', overrideParameters(reason))
      expect(opened.status).toBe(200)
      const [plan] = await installation.query<{ id: string }>(
        `select r.id from resource r join override_grant g using (subject_id) where r.resource_type = 'CarePlan' limit 1`,
      )
      const read = await ask('GET', `/fhir/CarePlan/${plan?.id}`, {
        ...as(gp),
        headers: { 'sluse-override': grantIn(opened) },
      })
      expect(read.status).toBe(200)
      await breakGlass(
        installation.baseUrl,
        gp ?? '',
        overrideParameters({ ...reason, ground: { valueCoding: { system: CPR, code: MISTYPED } } }),
      )
    }

    async function tokensRefused(): Promise<void> {
      for (const [name, value] of [
        ['client_id', MISPLACED],
        ['scope', `system/${MISPLACED}.rs`],
        ['client_assertion', MISPLACED],
        [
          'client_assertion',
          `e30.${Buffer.from(JSON.stringify({ iss: MISPLACED, sub: MISPLACED, jti: MISPLACED })).toString('base64url')}.e30`,
        ],
        ['grant_type', MISPLACED],
      ] as const)
        await ask('POST', '/oauth/token', {
          type: 'application/x-www-form-urlencoded',
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: 'e30.e30.e30',
            [name]: value,
          }).toString(),
        })
      await ask('GET', '/fhir/CarePlan', { token: MISPLACED })
    }

    test('the journey went where it should', () => {
      const statuses = new Set(answers.map(({ status }) => status))
      for (const status of [200, 201, 400, 401, 404, 422]) expect([...statuses]).toContain(status)
      expect(answers.filter(({ status }) => status >= 500).map(({ asked: request }) => request)).toEqual([])
    })

    test('no answer has one in a header, and no refusal has one at all', () => {
      for (const { asked: request, status, headers, body } of answers) {
        expect([request, formsIn(headers, numbers)]).toEqual([request, []])
        const told = status >= 400 ? body : withoutPersonIdentifiers(body)
        expect([request, status, formsIn(told, numbers)]).toEqual([request, status, []])
      }
    })

    test('a notification has it in the identifier of the citizen, and nowhere else', () => {
      expect(sink.arrived.some(({ body }) => formsIn(body, numbers).length > 0)).toBe(true)
      for (const { path, headers, body } of sink.arrived)
        expect(formsIn(path + JSON.stringify(headers) + withoutPersonIdentifiers(body), numbers)).toEqual([])
    })

    test('no line of the log, no figure, no job and no statement has one', () => {
      expect(installation.lines().length).toBeGreaterThan(50)
      for (const line of installation.lines()) expect([line, formsIn(line, numbers)]).toEqual([line, []])
      expect(metrics).toContain('sluse_')
      expect(formsIn(metrics, numbers)).toEqual([])
      expect(queue).not.toBe('')
      expect(formsIn(queue, numbers)).toEqual([])
      expect(running.length).toBeGreaterThan(0)
      expect(formsIn(running.join('\n'), numbers)).toEqual([])
    })

    test('no span has one', () => {
      const sent = collector.text()
      expect(sent).toContain('sluse')
      expect(sent).toContain('pg.query')
      expect(formsIn(sent, numbers)).toEqual([])
    })

    test('no row of any table has one in clear, and the list of tables is whole', async () => {
      const found = await installation.query<{ schema: string; name: string }>(
        `select table_schema as schema, table_name as name from information_schema.tables
         where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE' order by 1, 2`,
      )
      const own = found.filter(({ schema }) => schema === 'public').map(({ name }) => name)
      expect(own).toEqual(Object.keys(tables).sort())
      const pattern = numbers
        .flatMap((number) => writtenForms(number))
        .map(escaped)
        .join('|')
      for (const { schema, name } of found) {
        const [counted] = await installation.query<{ rows: number; told: number }>(
          `select count(*)::int as rows, count(*) filter (where t::text ~ $1)::int as told from "${schema}"."${name}" t`,
          [pattern],
        )
        expect([name, counted?.told]).toEqual([name, 0])
        if (schema === 'public' && tables[name] === 'filled')
          expect([name, (counted?.rows ?? 0) > 0]).toEqual([name, true])
      }
    })

    test('the search itself finds what is there', async () => {
      const [row] = await installation.query<{ told: boolean }>(
        `select row('x', 'y 250947-9989 z')::text ~ $1 as told`,
        [writtenForms('2509479989').map(escaped).join('|')],
      )
      expect(row?.told).toBe(true)
      for (const text of [
        'a 2509479989',
        '250947%2D9989',
        `{"a":"${Buffer.from('cpr 2509479989!').toString('base64')}"}`,
        Buffer.from('250947-9989').toString('hex').toUpperCase(),
      ])
        expect([text, formsIn(text, ['2509479989']).length > 0]).toEqual([text, true])
    })
  })
})

const MUNICIPALITY = sandboxOrganizations.municipality.identifiers[0]

function escaped(form: string): string {
  return form.replaceAll(/[.+]/g, String.raw`\$&`)
}

/** Strings of OTLP's protobuf are plain UTF-8, so they can be looked for in it. */
async function startCollector(): Promise<{
  readonly endpoint: string
  text(): string
  close(): Promise<void>
}> {
  const chunks: Buffer[] = []
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    endpoint: `http://127.0.0.1:${port}`,
    text: () => Buffer.concat(chunks).toString(),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
