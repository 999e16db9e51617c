/**
 * The first start's story: three organisations send their samples over HTTP as real clients, and the terminal tells who
 * got what and why. Every line is told after it happened; nothing is made up.
 */
import { readFileSync } from 'node:fs'
import type { AuditEvent, Bundle, CarePlan, Consent } from '@medplum/fhirtypes'
import type { ApiAnswer, BackendClient } from './backend-client.ts'
import { sandboxOrganizations } from './identities.ts'
import type { Received, Receiver } from './receiver.ts'

export interface StoryOptions {
  readonly client: (id: string) => BackendClient
  readonly receiver: Receiver
  readonly say: (line: string) => void
  /** Where received notifications are kept, as the reader would type it. */
  readonly inbox: string
}

const TOPIC = 'https://sluse.example/fhir/SubscriptionTopic/careplan-changed'
const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

/** A step that has not happened by then is not going to. */
const PATIENCE_MS = 20_000

/** Each look at the audit log is itself a row in it. */
const POLL_MS = 150

const { hospital, municipality, gp } = sandboxOrganizations
const subscribers = {
  municipality: 'municipality-system',
  gp: 'gp-system',
  hospital: 'hospital-ehr',
} as const
type Inbox = keyof typeof subscribers

export async function tellStory({ client, receiver, say, inbox }: StoryOptions): Promise<void> {
  const ehr = client('hospital-ehr')
  const audit = createAuditWatch(client('privacy-officer'))
  const municipalAudit = createAuditWatch(client('municipality-privacy-officer'))
  const post = createPostbox(receiver)
  const plan = sample<CarePlan>('careplan-hospital.json')
  const started = new Date().toISOString()

  say('')
  say('The sandbox story, with a test citizen; each line is told when it has happened:')
  await subscribe(client, receiver, post)
  say(
    '  1  the hospital, the municipality and the GP subscribe to care plans; each endpoint answers the handshake',
  )

  expect(
    await ehr.send('POST', '/sectors/hospital/hl7v2', {
      type: 'x-application/hl7-v2+er7',
      content: text('adt-a01.hl7'),
    }),
    201,
  )
  say(`  2  ${hospital.name} admits the citizen (HL7 v2 A01)`)

  await put(ehr, plan)
  await audit.denials(started, 2)
  say('  3  the hospital writes a care plan: 3 activities on depression, 1 on alcohol')
  say(`  4  withheld from ${municipality.name} and from ${gp.name}: no consent`)

  const toMunicipality = await giveConsent(ehr, municipality.identifiers[0], ['PSY', 'SUD'])
  const toGp = await giveConsent(ehr, gp.identifiers[0], ['PSY'])
  say('  5  the citizen consents: the municipality may see psychiatry and addiction, the GP psychiatry only')

  const second = { ...plan, title: 'Behandlingsplan, revideret' }
  await put(ehr, second)
  const whole = activities(await post.next('municipality'))
  const reduced = activities(await post.next('gp'))
  say(`  6  the hospital revises the plan; the municipality gets it whole (${whole} activities)`)
  say(`  7  the GP gets it redacted (${reduced} activities): that something is withheld it learns, not what`)

  const third = new Date().toISOString()
  expect(
    await client('municipality-system').send(
      'POST',
      '/sectors/municipality/records',
      json('municipality-record.json'),
    ),
    201,
  )
  // For the hospital and for the GP.
  await municipalAudit.denials(third, 2)
  say(
    `  8  ${municipality.name} sends its addiction record; withheld from the hospital: no consent covers it`,
  )

  await withdraw(ehr, toMunicipality)
  await withdraw(ehr, toGp)
  await post.recall('municipality')
  await post.recall('gp')
  say('  9  the citizen withdraws both consents; each recipient is told that the basis is gone')
  const fourth = new Date().toISOString()
  await put(ehr, { ...plan, title: 'Behandlingsplan, revideret igen' })
  await audit.denials(fourth, 2)
  say(' 10  the hospital revises the plan again: it stays home')
  say(
    ` 11  the privacy officer finds ${await audit.count(started)} decisions in the audit log, each with its reason`,
  )
  say(`     (the two plans and the two recalls lie in ${inbox}/municipality and ${inbox}/gp)`)
  say('')
}

async function subscribe(client: StoryOptions['client'], receiver: Receiver, post: Postbox): Promise<void> {
  for (const inbox of Object.keys(subscribers) as Inbox[]) {
    const shaken = post.handshake(inbox)
    const subscription = {
      resourceType: 'Subscription',
      status: 'requested',
      reason: 'keep our plan in step with the others',
      criteria: TOPIC,
      channel: {
        type: 'rest-hook',
        endpoint: `${receiver.baseUrl}${inbox}`,
        payload: 'application/fhir+json',
        _payload: {
          extension: [{ url: `${BACKPORT}/backport-payload-content`, valueCode: 'full-resource' }],
        },
      },
    }
    expect(await client(subscribers[inbox]).send('POST', '/fhir/Subscription', fhir(subscription)), 201)
    await shaken
  }
  await untilActive(client)
}

async function untilActive(client: StoryOptions['client']): Promise<void> {
  for (const id of Object.values(subscribers)) {
    await until(async () => {
      const bundle = expect(
        await client(id).send('GET', '/fhir/Subscription?status=active'),
        200,
      ).json() as Bundle
      return bundle.entry ? true : undefined
    }, 'a subscription became active')
  }
}

async function put(ehr: BackendClient, plan: CarePlan): Promise<void> {
  expect(await ehr.send('PUT', `/fhir/CarePlan/${plan.id}`, fhir(plan)), 200, 201)
}

async function giveConsent(
  ehr: BackendClient,
  recipient: { readonly system: string; readonly value: string },
  sensitivities: readonly string[],
): Promise<{ readonly id: string; readonly consent: Consent }> {
  const base = sample<Consent>('consent-hospital.json')
  const [actor] = base.provision?.actor ?? []
  if (!actor) throw new Error('the sample consent names no actor')
  const consent: Consent = {
    ...base,
    dateTime: new Date().toISOString(),
    provision: {
      ...base.provision,
      actor: [{ ...actor, reference: { identifier: { ...recipient } } }],
      securityLabel: sensitivities.map((code) => ({
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code,
      })),
    },
  }
  const answer = expect(await ehr.send('POST', '/fhir/Consent', fhir(consent)), 201)
  const id = /\/Consent\/([0-9a-f-]{36})\//.exec(answer.headers.get('location') ?? '')?.[1]
  if (!id) throw new Error('the consent got no id')
  return { id, consent }
}

async function withdraw(
  ehr: BackendClient,
  { id, consent }: { readonly id: string; readonly consent: Consent },
): Promise<void> {
  expect(await ehr.send('PUT', `/fhir/Consent/${id}`, fhir({ ...consent, id, status: 'inactive' })), 200)
}

interface Postbox {
  handshake(inbox: Inbox): Promise<void>
  /** The next event of another organisation's plan: a subscriber also hears of its own. */
  next(inbox: Inbox): Promise<Received>
  /** That the basis of what it was given is gone. */
  recall(inbox: Inbox): Promise<void>
}

function createPostbox(receiver: Receiver): Postbox {
  const kept: Received[] = []
  receiver.onReceived((received) => void kept.push(received))
  const take = async (inbox: Inbox, what: Received['kind'] | 'recall'): Promise<Received> =>
    until(async () => {
      const at = kept.findIndex(
        (received) => received.inbox === inbox && (isRecall(received) ? 'recall' : received.kind) === what,
      )
      return at === -1 ? undefined : kept.splice(at, 1)[0]
    }, `${inbox} received its ${what}`)
  return {
    handshake: async (inbox) => void (await take(inbox, 'handshake')),
    next: (inbox) => take(inbox, 'event'),
    recall: async (inbox) => void (await take(inbox, 'recall')),
  }
}

function isRecall({ bundle }: Received): boolean {
  const status = bundle.entry?.[0]?.resource
  return (
    status?.resourceType === 'Parameters' && status.parameter?.some(({ name }) => name === 'recall') === true
  )
}

/** What was decided, as the privacy officer sees it: through the API, with a token of its own. */
function createAuditWatch(officer: BackendClient) {
  async function decisions(since: string, outcome?: string): Promise<readonly AuditEvent[]> {
    const query = new URLSearchParams({ date: `ge${since}`, _count: '500', ...(outcome ? { outcome } : {}) })
    const bundle = expect(
      await officer.send('GET', `/fhir/AuditEvent?${query}`),
      200,
    ).json() as Bundle<AuditEvent>
    return (bundle.entry ?? []).flatMap(({ resource }) => (resource ? [resource] : []))
  }
  return {
    denials: (since: string, count: number) =>
      until(
        async () => ((await decisions(since, '8')).length >= count ? true : undefined),
        `${count} denials were audited`,
      ),
    count: async (since: string): Promise<number> =>
      (await decisions(since, '0')).length + (await decisions(since, '8')).length,
  }
}

async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline)
      throw new Error(`the story waited ${PATIENCE_MS / 1_000} s in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function activities({ bundle }: Received): number {
  const plan = bundle.entry
    ?.map(({ resource }) => resource)
    .find((resource) => resource?.resourceType === 'CarePlan')
  return plan?.resourceType === 'CarePlan' ? (plan.activity ?? []).length : 0
}

function expect(answer: ApiAnswer, ...statuses: readonly number[]): ApiAnswer {
  if (!statuses.includes(answer.status))
    throw new Error(`the story got HTTP ${answer.status}: ${answer.text.slice(0, 500)}`)
  return answer
}

function sample<T>(name: string): T {
  return JSON.parse(text(name)) as T
}

function text(name: string): string {
  return readFileSync(new URL(`./samples/${name}`, import.meta.url), 'utf8')
}

function fhir(resource: object): { type: string; content: string } {
  return { type: 'application/fhir+json', content: JSON.stringify(resource) }
}

function json(name: string): { type: string; content: string } {
  return { type: 'application/json', content: text(name) }
}
