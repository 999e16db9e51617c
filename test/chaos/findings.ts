/**
 * What must hold afterwards, as a list of what does not: nothing acknowledged is lost, nothing withheld was due, nothing
 * was sent without a consent, and everything left its one audit row. The database, the subscribers' own records and the
 * load's notes are held against each other.
 */
import type { Installation } from '#test/process-installation.ts'
import type { Parameters } from '@medplum/fhirtypes'
import type { Arrived } from '#test/sink.ts'
import type { Acknowledged, ConsentChange, Organization } from './load.ts'

export interface Evidence {
  readonly installation: Pick<Installation, 'query'>
  readonly acknowledged: readonly Acknowledged[]
  readonly changes: readonly ConsentChange[]
  readonly subscriptions: Readonly<Record<Organization, string>>
  readonly arrived: readonly (Arrived & { readonly at: number })[]
}

export interface Findings {
  readonly faults: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}

interface Delivery {
  readonly subscription: string
  readonly version: string
  readonly state: string
  readonly number: number | null
  /** A recall carries nothing that could be decided about. */
  readonly kind: 'change' | 'recall'
}

interface Decision {
  readonly subscription: string
  readonly version: string
  readonly effect: 'permit' | 'deny'
  readonly reason: string
  /** When the transaction began, and when its audit row was written: the consents were read in between. */
  readonly from: number
  readonly until: number
}

/** The two clocks are one, but ours counts whole milliseconds. */
const MARGIN_MS = 2

export async function findings(evidence: Evidence): Promise<Findings> {
  const { query } = evidence.installation
  const outbox = await query<Delivery & Record<string, unknown>>(
    `select subscription_id as subscription, version_id as version, state, event_number::int as number, kind from delivery`,
  )
  const deliveries = outbox.filter(({ kind }) => kind === 'change')
  const changes = { ...evidence, arrived: evidence.arrived.filter((one) => !isRecall(one)) }
  const decisions = await query<Decision & Record<string, unknown>>(
    `select entry::json ->> 'subscription' as subscription, entry::json #>> '{resources,0,version}' as version, effect,
       entry::json ->> 'reason' as reason, extract(epoch from (entry::json ->> 'at')::timestamptz)::float8 * 1000 as from,
       extract(epoch from recorded)::float8 * 1000 as until
     from audit_event where kind = 'disclose' and entry::json ->> 'interaction' = 'notification'
     order by recorded`,
  )
  const byEvent = groupBy(decisions, ({ subscription, version }) => `${subscription} ${version}`)
  return {
    faults: [
      ...ends(evidence, deliveries),
      ...arrivals(changes, deliveries, byEvent),
      ...recalls(evidence, outbox),
      ...reasonsHold(evidence, deliveries, byEvent),
      ...(await numbersAreDense(evidence, outbox)),
      ...(await auditedOneToOne(evidence)),
    ],
    counts: {
      acknowledged: evidence.acknowledged.length,
      delivered: deliveries.filter(({ state }) => state === 'delivered').length,
      withheld: deliveries.filter(({ state }) => state === 'withheld').length,
      arrived: changes.arrived.length,
      recalls: outbox.filter(({ kind }) => kind === 'recall').length,
      'consent changes': evidence.changes.length,
    },
  }
}

/** Every acknowledged version has a row for every subscriber, and each row came to the end that it had to. */
function ends({ acknowledged, subscriptions, changes }: Evidence, deliveries: readonly Delivery[]): string[] {
  const rows = groupBy(deliveries, ({ version }) => version)
  return acknowledged.flatMap(({ version, cpr, custodian }) =>
    entries(subscriptions).flatMap(([recipient, subscription]) => {
      const own = (rows.get(version) ?? []).filter((row) => row.subscription === subscription)
      const [row] = own
      if (!row || own.length > 1) return [`${own.length} rows of version ${version} for the ${recipient}`]
      const states = allowedStates({ cpr, custodian, recipient, changes })
      return states.includes(row.state)
        ? []
        : [`version ${version} for the ${recipient} is ${row.state}, and must be ${states.join(' or ')}`]
    }),
  )
}

function allowedStates(given: {
  readonly cpr: string
  readonly custodian: Organization
  readonly recipient: Organization
  readonly changes: readonly ConsentChange[]
}): readonly string[] {
  if (given.custodian === given.recipient) return ['delivered']
  if (given.custodian !== 'hospital') return ['withheld']
  const own = given.changes.filter(({ cpr, recipient }) => cpr === given.cpr && recipient === given.recipient)
  if (own.length === 0) return ['withheld']
  return own.every(({ active }) => active) ? ['delivered'] : ['delivered', 'withheld']
}

/** What is marked as delivered did arrive, and nothing arrived, or came again, without a permit that was there before. */
function arrivals(
  { arrived, subscriptions }: Evidence,
  deliveries: readonly Delivery[],
  decisions: ReadonlyMap<string, readonly Decision[]>,
): string[] {
  const byPath = new Map(entries(subscriptions).map(([recipient, id]) => [`/${recipient}`, id]))
  const byEvent = groupBy(arrived, ({ path, focus }) => `${byPath.get(path)} ${focus?.meta?.versionId}`)
  const numbers = new Map(deliveries.map((row) => [`${row.subscription} ${row.version}`, row.number]))
  const missing = deliveries
    .filter(
      ({ state, subscription, version }) =>
        state === 'delivered' && !byEvent.has(`${subscription} ${version}`),
    )
    .map(
      ({ subscription, version }) =>
        `version ${version} is marked as delivered to ${subscription} and never arrived`,
    )
  const unasked = [...byEvent].flatMap(([event, times]) => {
    const permits = (decisions.get(event) ?? []).filter(({ effect }) => effect === 'permit')
    return times.flatMap((one, i) => {
      const [subscription] = event.split(' ')
      const faults: string[] = []
      const permit = permits[i]
      if (!permit || permit.until > one.at + MARGIN_MS)
        faults.push(`arrival ${i + 1} of ${event} has no permit of its own before it`)
      if (one.headers['webhook-id'] !== `${subscription}-${numbers.get(event)}`)
        faults.push(`arrival ${i + 1} of ${event} has the id ${String(one.headers['webhook-id'])}`)
      return faults
    })
  })
  return [...missing, ...unasked]
}

/** Each recall came to its recipient, and nobody got one that is not in the outbox. */
function recalls({ arrived }: Evidence, outbox: readonly Delivery[]): string[] {
  const sent = new Set(
    outbox.flatMap(({ kind, subscription, number }) =>
      kind === 'recall' ? [`${subscription}-${number}`] : [],
    ),
  )
  const received = new Set(arrived.filter(isRecall).map(({ headers }) => String(headers['webhook-id'])))
  return [
    ...[...sent].filter((id) => !received.has(id)).map((id) => `recall ${id} never arrived`),
    ...[...received].filter((id) => !sent.has(id)).map((id) => `recall ${id} is not in the outbox`),
  ]
}

function isRecall({ bundle }: Arrived): boolean {
  const status = bundle.entry?.[0]?.resource as Parameters | undefined
  return status?.parameter?.some(({ name }) => name === 'recall') ?? false
}

/**
 * Each decision held when it was made. A permit: its audit row was not written while the consent was withdrawn for
 * certain, since an authorisation that is under way makes a withdrawal wait. A refusal: the consent did not hold for
 * certain all the while.
 */
function reasonsHold(
  evidence: Evidence,
  deliveries: readonly Delivery[],
  decisions: ReadonlyMap<string, readonly Decision[]>,
): string[] {
  const faults: string[] = []
  const recipients = new Map(entries(evidence.subscriptions).map(([recipient, id]) => [id, recipient]))
  for (const { version, cpr, custodian } of evidence.acknowledged) {
    if (custodian !== 'hospital') continue
    for (const [subscription, recipient] of recipients) {
      if (recipient === custodian) continue
      const own = evidence.changes.filter((change) => change.cpr === cpr && change.recipient === recipient)
      for (const { effect, reason, from, until } of decisions.get(`${subscription} ${version}`) ?? []) {
        if (effect === 'permit' && certainly(own, false, until, until))
          faults.push(`version ${version} was released to the ${recipient} though its consent was withdrawn`)
        if (effect === 'deny' && certainly(own, true, from, until))
          faults.push(
            `version ${version} was withheld from the ${recipient} (${reason}) though its consent held`,
          )
      }
    }
  }
  for (const { subscription, version, state } of deliveries) {
    const last = decisions.get(`${subscription} ${version}`)?.at(-1)
    if (state === 'withheld' && last?.effect !== 'deny')
      faults.push(`version ${version} is withheld, and no refusal is audited`)
    if (state === 'delivered' && last?.effect !== 'permit')
      faults.push(`version ${version} is delivered, and its last decision is no permit`)
  }
  return faults
}

/** Whether the consent was in this state all the time from one instant to another, whenever its changes took effect. */
function certainly(changes: readonly ConsentChange[], active: boolean, from: number, until: number): boolean {
  const before = changes.filter(({ sent }) => sent <= from + MARGIN_MS).at(-1)
  const next = changes.find(({ sent }) => sent > from + MARGIN_MS)
  const settledBefore =
    before === undefined ? !active : before.active === active && before.answered + MARGIN_MS < from
  return settledBefore && (next === undefined || next.sent > until + MARGIN_MS)
}

async function numbersAreDense(
  { installation, subscriptions }: Evidence,
  deliveries: readonly Delivery[],
): Promise<string[]> {
  const rows = await installation.query<{ id: string; count: number }>(
    'select subscription_id as id, event_count::int as count from subscription',
  )
  return rows.flatMap(({ id, count }) => {
    const numbers = deliveries
      .flatMap((row) => (row.subscription === id && row.number !== null ? [row.number] : []))
      .sort((a, b) => a - b)
    const dense = numbers.length === count && numbers.every((number, i) => number === i + 1)
    const known = Object.values(subscriptions).includes(id)
    return dense && known
      ? []
      : [`subscription ${id} counts ${count} events and has ${numbers.length} numbers`]
  })
}

/** Every stored version has exactly one `accept` row, and every such row its version. */
async function auditedOneToOne({ installation, acknowledged }: Evidence): Promise<string[]> {
  const stored = await installation.query<{ version: string }>(
    'select version_id as version from resource_version',
  )
  const audited = await installation.query<{ version: string }>(
    `select r ->> 'version' as version from audit_event cross join json_array_elements(entry::json -> 'resources') as r
     where kind = 'accept'`,
  )
  const versions = new Set(stored.map(({ version }) => version))
  const accepts = groupBy(audited, ({ version }) => version)
  return [
    ...[...versions]
      .filter((version) => accepts.get(version)?.length !== 1)
      .map((version) => `version ${version} has ${accepts.get(version)?.length ?? 0} audit rows`),
    ...[...accepts.keys()]
      .filter((version) => !versions.has(version))
      .map((version) => `audit names version ${version}, which is not stored`),
    ...acknowledged
      .filter(({ version }) => !versions.has(version))
      .map(({ version }) => `version ${version} was acknowledged and is not stored`),
  ]
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(items, key)
}

function entries<Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] {
  return Object.entries(record) as [Key, Value][]
}
