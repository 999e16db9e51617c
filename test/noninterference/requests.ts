/** What somebody with the GP's token may try, in any order: each request names things, not ids. */
import fc from 'fast-check'
import { heldTypes } from '#fhir/held-types.ts'
import { heldSample } from '#test/held-samples.ts'
import { CPR, KNOWN, type Name, named, NEWCOMER, STRANGER } from './worlds.ts'

/**
 * `{name}` in any text stands for the id of a thing, `{made}` for that of what this sequence made last, `{made-reference}` for it
 * with its type, `{next}` for the next page.
 */
export interface Request {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const FHIR = { 'content-type': 'application/fhir+json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const type = fc.constantFrom(...heldTypes)
/** Of what the GP may have, of what it may not, and of what there never was. */
const thing = fc
  .constantFrom<Name | 'made' | 'nothing'>(...named, 'made', 'nothing')
  .map((name) => `{${name}}`)
const concealed = fc
  .constantFrom<Name | 'nothing'>('hidden-plan', 'deleted-plan', 'stranger-plan', 'hidden-goal', 'nothing')
  .map((name) => `{${name}}`)
const typeOfThing = fc.oneof(
  { weight: 3, arbitrary: fc.constant('CarePlan' as const) },
  { weight: 1, arbitrary: type },
)
const citizen = fc.constantFrom('{known}', '{stranger}', '{nothing}')
const number = fc.constantFrom(KNOWN, STRANGER, NEWCOMER)
const written = fc.constantFrom(KNOWN, NEWCOMER)
const preferred = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { prefer: 'handling=lenient' },
  { prefer: 'return=representation' },
  { prefer: 'return=minimal' },
)
const more = fc.constantFrom(
  '',
  '&_count=1',
  '&_count=2',
  '&status=active',
  '&status=completed,active',
  '&_lastUpdated=ge2020-01-01',
  '&_lastUpdated=lt2020-01-01',
  '&_sort=-_lastUpdated',
  '&_sort=_lastUpdated&_count=1',
  '&_elements=status',
  '&_summary=true',
  '&_summary=count',
  '&_include=CarePlan:goal',
  '&_include=CarePlan:condition',
  '&_revinclude=Provenance:target',
  '&activity-code=DF102',
  '&activity-code=DF331',
  '&_has:Goal:subject:status=active',
  '&unknown=1',
)

const reads: fc.Arbitrary<Request> = fc.oneof(
  fc.constant(get('/fhir/{made-reference}')),
  fc.tuple(typeOfThing, thing).map(([of, id]) => get(`/fhir/${of}/${id}`)),
  fc.tuple(typeOfThing, thing).map(([of, id]) => get(`/fhir/${of}/${id}/_history`)),
  fc.tuple(typeOfThing, thing).map(([of, id]) => get(`/fhir/${of}/${id}/_history?_count=1`)),
  fc
    .tuple(
      thing,
      fc.constantFrom('{hidden-version}', '{shared-first-version}', '{made-version}', '{nothing}'),
    )
    .map(([id, version]) => get(`/fhir/CarePlan/${id}/_history/${version}`)),
  citizen.map((id) => get(`/fhir/Patient/${id}`)),
  fc
    .tuple(citizen, fc.constantFrom('', '?_count=1', '?_type=CarePlan,Goal'))
    .map(([id, query]) => get(`/fhir/Patient/${id}/$everything${query}`)),
  thing.map((id) => get(`/fhir/CarePlan/${id}/$everything`)),
  thing.map((id) => get(`/fhir/Provenance?target=CarePlan/${id}`)),
  fc.constant(get('/fhir/AuditEvent/{hidden-event}')),
  citizen.map((id) => get(`/fhir/Task?patient=Patient/${id}`)),
)

const searches: fc.Arbitrary<Request> = fc.oneof(
  fc
    .tuple(type, citizen, more, preferred)
    .map(([of, id, query, headers]) => get(`/fhir/${of}?patient=Patient/${id}${query}`, headers)),
  fc
    .tuple(type, thing, more, preferred)
    .map(([of, id, query, headers]) => get(`/fhir/${of}?_id=${id},{own-plan}${query}`, headers)),
  fc
    .tuple(fc.oneof(type, fc.constantFrom('Task', 'AuditEvent')), number, more)
    .map(([of, cpr, query]) =>
      form(`/fhir/${of}/_search`, `patient.identifier=${encodeURIComponent(`${CPR}|${cpr}`)}${query}`),
    ),
  number.map((cpr) => form('/fhir/Patient/_search', `identifier=${encodeURIComponent(`${CPR}|${cpr}`)}`)),
  fc.constant(get('{next}')),
)

const writes: fc.Arbitrary<Request> = fc.oneof(
  fc
    .tuple(type, written, preferred)
    .map(([of, cpr, headers]) => sent('POST', `/fhir/${of}`, heldSample(of, cpr), headers)),
  fc.tuple(written, concealed).map(([cpr, id]) =>
    sent('POST', '/fhir/CarePlan', {
      ...heldSample('CarePlan', cpr),
      replaces: [{ reference: `CarePlan/${id}` }],
    }),
  ),
  fc
    .tuple(written, fc.constantFrom('status=active', 'status=on-hold', '_id={hidden-plan}', '_id={own-plan}'))
    .map(([cpr, query]) =>
      sent('POST', '/fhir/CarePlan', heldSample('CarePlan', cpr), { 'if-none-exist': query }),
    ),
  citizen.map((id) =>
    sent('POST', '/fhir/CarePlan', { ...heldSample('CarePlan'), subject: { reference: `Patient/${id}` } }),
  ),
  // A PUT without a condition stores an id that nobody holds, and tells so whether somebody does: docs/adr/0015.
  fc
    .tuple(concealed, fc.constantFrom('W/"{hidden-version}"', 'W/"{nothing}"'))
    .map(([id, match]) =>
      sent('PUT', `/fhir/CarePlan/${id}`, heldSample('CarePlan', KNOWN), { 'if-match': match }),
    ),
  fc
    .constantFrom('{own-plan}', '{made}')
    .map((id) => sent('PUT', `/fhir/CarePlan/${id}`, heldSample('CarePlan', KNOWN))),
  thing.map((id) => sent('PUT', `/fhir/CarePlan?_id=${id}`, heldSample('CarePlan', KNOWN))),
  fc.tuple(thing, fc.constantFrom('active', 'on-hold', 'wrong')).map(([id, value]) => ({
    method: 'PATCH',
    path: `/fhir/CarePlan/${id}`,
    headers: { 'content-type': 'application/json-patch+json' },
    body: JSON.stringify([{ op: 'replace', path: '/status', value }]),
  })),
  concealed.map((id) => ({ method: 'DELETE', path: `/fhir/CarePlan/${id}` })),
  fc.constant({ method: 'DELETE', path: '/fhir/{made-reference}' }),
  fc.tuple(type, number).map(([of, cpr]) => sent('POST', `/fhir/${of}/$validate`, heldSample(of, cpr))),
  concealed.map((id) =>
    sent('POST', `/fhir/Consent/${id}/$withdraw`, parameters({ name: 'whole', valueBoolean: true })),
  ),
  number.map((value) =>
    sent(
      'POST',
      '/fhir/Consent/$decide',
      parameters(
        { name: 'patient', valueIdentifier: { system: CPR, value } },
        { name: 'recipient', valueReference: { reference: 'Organization/{hospital}' } },
      ),
    ),
  ),
)

const bundles: fc.Arbitrary<Request> = fc.oneof(
  fc
    .array(
      fc.oneof(
        reads,
        searches.filter(({ method }) => method === 'GET'),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((inner) => batch('batch', inner)),
  fc.tuple(fc.constantFrom('batch', 'transaction'), thing).map(([kind, id]) =>
    batch(
      kind,
      [{ method: 'DELETE', path: `/fhir/CarePlan/${id}` }].filter(() => id !== '{own-plan}'),
    ),
  ),
  thing.map((id) =>
    batch('transaction', [
      sent('POST', '/fhir/CarePlan', {
        ...heldSample('CarePlan', KNOWN),
        replaces: [{ reference: `CarePlan?_id=${id}` }],
      }),
    ]),
  ),
)

/** Once through what can be done, so that even a short run has every kind of answer. */
export const tour: readonly Request[] = [
  sent('POST', '/fhir/CarePlan', heldSample('CarePlan', KNOWN)),
  get('/fhir/{made-reference}'),
  get('/fhir/CarePlan/{shared-plan}'),
  get('/fhir/CarePlan/{shared-plan}/_history'),
  get('/fhir/CarePlan?patient=Patient/{known}&_count=1'),
  get('{next}'),
  get('/fhir/Patient/{known}/$everything'),
  sent('PUT', '/fhir/{made-reference}', heldSample('CarePlan', KNOWN), { 'if-match': 'W/"{nothing}"' }),
  { method: 'DELETE', path: '/fhir/{made-reference}' },
  get('/fhir/{made-reference}'),
  get('/fhir/CarePlan/{hidden-plan}'),
  get('/fhir/CarePlan?patient=Patient/{known}&unknown=1'),
]

export const request: fc.Arbitrary<Request> = fc.oneof(
  { weight: 5, arbitrary: reads },
  { weight: 5, arbitrary: searches },
  { weight: 4, arbitrary: writes },
  { weight: 1, arbitrary: bundles },
)

function get(path: string, headers: Readonly<Record<string, string>> = {}): Request {
  return { method: 'GET', path, headers }
}

function form(path: string, body: string): Request {
  return { method: 'POST', path, headers: FORM, body }
}

function sent(
  method: string,
  path: string,
  resource: object,
  headers: Readonly<Record<string, string>> = {},
): Request {
  return { method, path, headers: { ...FHIR, ...headers }, body: JSON.stringify(resource) }
}

function parameters(...parameter: readonly object[]): object {
  return { resourceType: 'Parameters', parameter }
}

function batch(kind: string, inner: readonly Request[]): Request {
  const entry = inner.map(({ method, path, body }) => ({
    request: { method, url: path.replace('/fhir/', '') },
    ...(body === undefined ? {} : { resource: JSON.parse(body) as object }),
  }))
  return sent('POST', '/fhir', { resourceType: 'Bundle', type: kind, entry })
}
