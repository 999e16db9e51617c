import type { Subscription } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { subscriptionFor } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { faultsIn, type Received, sendRaw } from '#test/http.ts'
import { mergePatch } from '#test/merge-patch.ts'
import { effectsOf } from '#test/rows.ts'
import { FHIR_JSON } from '#test/ways-in.ts'

let gateway: TestGateway
let token: string
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  token = await gateway.client('gp-system').token()
})
afterAll(() => gateway.close())

function post(resource: unknown, asToken = token): Promise<Received> {
  const body = JSON.stringify(resource)
  return sendRaw(gateway.baseUrl, '/fhir/Subscription', {
    method: 'POST',
    token: asToken,
    type: FHIR_JSON,
    body,
  })
}

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
const CROSS_VERSION = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription'
const unsupported = (expression: string) => [{ code: 'subscription-unsupported', expression }]
const filter = (valueString: string) => ({
  _criteria: { extension: [{ url: `${BACKPORT}/backport-filter-criteria`, valueString }] },
})
const channel = (change: object) => ({ channel: change })
const payload = (code: string) => [{ url: `${BACKPORT}/backport-payload-content`, valueCode: code }]

// https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/: what is not done is refused, since a subscription that did
// less than it says would lose events.
// prettier-ignore
const cases = [
  { title: 'an unknown topic', with: { criteria: 'https://sluse.example/fhir/SubscriptionTopic/all' }, want: unsupported('Subscription.criteria') },
  { title: 'R4 criteria instead of a topic', with: { criteria: 'CarePlan?status=active' }, want: unsupported('Subscription.criteria') },
  { title: 'an unknown parameter as filter', with: filter('title=Plan'), want: unsupported('Subscription.criteria.extension[0]') },
  { title: 'a modifier in a filter', with: filter('status:not=active'), want: unsupported('Subscription.criteria.extension[0]') },
  { title: 'a filter of another type', with: filter('Encounter?status=active'), want: unsupported('Subscription.criteria.extension[0]') },
  { title: 'an empty filter', with: filter('status='), want: unsupported('Subscription.criteria.extension[0]') },
  { title: 'half of a filter', with: filter('status=active&title=x'), want: unsupported('Subscription.criteria.extension[0]') },
  { title: 'a filter by national id', with: filter('patient=2509479989'), want: unsupported('Subscription.criteria.extension[0]') },
  { title: 'a filter without text', with: { _criteria: { extension: [{ url: `${BACKPORT}/backport-filter-criteria`, valueBoolean: true }] } }, want: unsupported('Subscription.criteria.extension[0]') },
  { title: 'an unknown extension of the criteria', with: { _criteria: { extension: [{ url: `${CROSS_VERSION}.filterBy`, valueString: 'x' }] } }, want: unsupported('Subscription.criteria.extension[0]') },
  { title: 'more filters than are read', with: { _criteria: { extension: Array.from({ length: 21 }, () => ({ url: `${BACKPORT}/backport-filter-criteria`, valueString: 'status=active' })) } }, want: unsupported('Subscription.criteria.extension') },
  { title: 'a longer filter than is read', with: filter(`status=${'a,'.repeat(1_000)}a`), want: unsupported('Subscription.criteria.extension') },
  { title: 'a websocket', with: channel({ type: 'websocket' }), want: unsupported('Subscription.channel.type') },
  { title: 'e-mail', with: channel({ type: 'email' }), want: unsupported('Subscription.channel.type') },
  { title: 'an extension of the channel type', with: channel({ _type: { extension: [{ url: `${BACKPORT}/backport-channel-type`, valueCoding: { code: 'zulip' } }] } }), want: unsupported('Subscription.channel.type.extension') },
  { title: 'no endpoint', with: channel({ endpoint: null }), want: unsupported('Subscription.channel.endpoint') },
  { title: 'an endpoint that is no URL', with: channel({ endpoint: 'hospital' }), want: unsupported('Subscription.channel.endpoint') },
  { title: 'a mail address', with: channel({ endpoint: 'mailto:a@b.example' }), want: unsupported('Subscription.channel.endpoint') },
  { title: 'a file', with: channel({ endpoint: 'file:///etc/passwd' }), want: unsupported('Subscription.channel.endpoint') },
  { title: 'credentials in the URL', with: channel({ endpoint: 'https://user:pass@sub.example/' }), want: unsupported('Subscription.channel.endpoint') },
  { title: 'a fragment in the URL', with: channel({ endpoint: 'https://sub.example/#x' }), want: unsupported('Subscription.channel.endpoint') },
  { title: 'XML', with: channel({ payload: 'application/fhir+xml' }), want: unsupported('Subscription.channel.payload') },
  { title: 'plain text', with: channel({ payload: 'text/plain' }), want: unsupported('Subscription.channel.payload') },
  { title: 'no payload type', with: channel({ payload: null }), want: unsupported('Subscription.channel.payload') },
  { title: 'another version of FHIR', with: channel({ payload: 'application/fhir+json; fhirVersion=5.0' }), want: unsupported('Subscription.channel.payload') },
  { title: 'a line break in the payload type', with: channel({ payload: 'application/fhir+json;\nx' }), want: [{ code: 'field-invalid', expression: 'Subscription.channel.payload' }] },
  { title: 'no payload content', with: channel({ _payload: null }), want: unsupported('Subscription.channel.payload.extension') },
  { title: 'an unknown payload content', with: channel({ _payload: { extension: payload('some') } }), want: unsupported('Subscription.channel.payload.extension') },
  { title: 'an unknown extension of the payload', with: channel({ _payload: { extension: [...payload('empty'), { url: `${CROSS_VERSION}.content`, valueCode: 'x' }] } }), want: unsupported('Subscription.channel.payload.extension') },
  { title: 'a heartbeat', with: channel({ extension: [{ url: `${BACKPORT}/backport-heartbeat-period`, valueUnsignedInt: 60 }] }), want: unsupported('Subscription.channel.extension[0]') },
  { title: 'a timeout of nothing', with: channel({ extension: [{ url: `${BACKPORT}/backport-timeout`, valueUnsignedInt: 0 }] }), want: unsupported('Subscription.channel.extension[0]') },
  { title: 'a header without a value', with: channel({ header: ['Authorization'] }), want: unsupported('Subscription.channel.header[0]') },
  { title: 'a header with a line break', with: channel({ header: ['A: b\r\nHost: evil.example'] }), want: unsupported('Subscription.channel.header[0]') },
  { title: 'a header beyond ASCII', with: channel({ header: ['A: blåbær'] }), want: unsupported('Subscription.channel.header[0]') },
  ...['Host', 'Content-Length', 'Content-Type', 'Content-Encoding', 'Transfer-Encoding', 'Connection', 'Keep-Alive', 'Expect', 'Upgrade', 'TE', 'Trailer', 'Proxy-Authorization', 'Accept-Encoding', 'webhook-id', 'X-Request-Id', 'traceparent'].map((name) => ({ title: `the header ${name}, which is the gateway's`, with: channel({ header: ['A: b', `${name}: x`] }), want: unsupported('Subscription.channel.header[1]') })),
  { title: 'a header as it was masked', with: channel({ header: ['Authorization: ***'] }), want: unsupported('Subscription.channel.header[0]') },
  { title: 'more headers than are sent', with: channel({ header: Array.from({ length: 21 }, (_, i) => `A${i}: b`) }), want: unsupported('Subscription.channel.header') },
  { title: 'an end', with: { end: '2030-01-01T00:00:00Z' }, want: unsupported('Subscription.end') },
  { title: 'active, before its handshake', with: { status: 'active' }, want: [{ code: 'field-invalid', expression: 'Subscription.status' }] },
  { title: 'no reason', with: { reason: null }, want: [{ code: 'field-missing', expression: 'Subscription.reason' }] },
  { title: 'a modifier', with: { modifierExtension: [{ url: 'http://x.example', valueBoolean: true }] }, want: unsupported('Subscription.modifierExtension') },
  { title: 'a modifier of the channel', with: channel({ modifierExtension: [{ url: 'http://x.example', valueBoolean: true }] }), want: unsupported('Subscription.channel.modifierExtension') },
  { title: 'implicit rules', with: { implicitRules: 'http://x.example' }, want: unsupported('Subscription.implicitRules') },
  { title: 'an extension of the endpoint', with: channel({ _endpoint: { extension: [{ url: 'http://x.example', valueBoolean: true }] } }), want: unsupported('Subscription.channel._endpoint') },
  { title: 'an extension of the subscription', with: { extension: [{ url: `${CROSS_VERSION}.managingEntity`, valueString: 'x' }] }, want: unsupported('Subscription.extension') },
]

describe('a subscription that could not be kept is refused, and its element named', () => {
  test.for(cases)('$title', async ({ with: change, want }) => {
    const resource = mergePatch(subscriptionFor('http://127.0.0.1:9/'), change)
    const { result, effects } = await effectsOf(gateway.database, () => post(resource))
    expect([result.status, faultsIn(result.json())]).toEqual([422, want])
    expect(effects.added).toEqual({ quarantine: 1 })
  })

  test('every fault is told at once', async () => {
    const resource = mergePatch(subscriptionFor('ftp://x'), { criteria: 'x', end: '2030-01-01T00:00:00Z' })
    expect(faultsIn((await post(resource)).json()).map(({ expression }) => expression)).toEqual([
      'Subscription.criteria',
      'Subscription.channel.endpoint',
      'Subscription.end',
    ])
  })

  test('a topic of a type that the token may not read', async () => {
    const narrow = await gateway.client('gp-system', 'system/Subscription.c system/CarePlan.r').token()
    const resource = subscriptionFor('http://127.0.0.1:9/', { topic: 'consent-changed' })
    const answer = await post(resource, narrow)
    expect([answer.status, faultsIn(answer.json())]).toEqual([
      403,
      [{ code: 'scope-insufficient', expression: 'Subscription.criteria' }],
    ])
  })
})

// prettier-ignore
const accepted = [
  { title: 'every topic', change: { topic: 'encounter-changed' } },
  { title: 'a filter', change: { filters: ['status=active'] } },
  { title: 'a filter with its type, by a dot', change: { filters: ['CarePlan.status=active'] } },
  { title: 'a filter with its type, by a question mark, as the guide\'s examples have it', change: { filters: ['CarePlan?status=active'] } },
  { title: 'a citizen', change: { filters: ['patient=Patient/0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21'] } },
  { title: 'several filters', change: { filters: ['status=active,draft&intent=plan', 'category=http://x.example|y'] } },
  { title: 'a header whose value holds a colon', change: { headers: ['X-Back: https://sub.example:8443/'] } },
  { title: 'empty notifications', change: { content: 'empty' } },
]

describe('a subscription that can be kept is accepted', () => {
  test.for(accepted)('$title', async ({ change }) => {
    expect((await post(subscriptionFor('http://127.0.0.1:9/', change))).status).toBe(201)
  })

  test.each([
    ['application/json', {}],
    ['application/fhir+json; fhirVersion=4.0', {}],
    ['application/fhir+json;charset=UTF-8', {}],
    ['application/fhir+json', { extension: [{ url: `${BACKPORT}/backport-timeout`, valueUnsignedInt: 60 }] }],
    [
      'application/fhir+json',
      { extension: [{ url: `${BACKPORT}/backport-max-count`, valuePositiveInt: 1 }] },
    ],
  ])('%s %j', async (type, more) => {
    const resource = mergePatch(subscriptionFor('http://127.0.0.1:9/'), {
      channel: { payload: type, ...more },
    })
    const answer = await post(resource)
    expect([answer.status, (answer.json() as Subscription).channel.payload]).toEqual([201, type])
  })
})
