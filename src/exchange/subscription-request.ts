/**
 * Reads a Subscription of the R5 Backport IG 1.1.0 and refuses, naming the element, whatever Sluse does not do: a
 * subscription that silently did less would lose events. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/
 */
import type { Extension, Subscription } from '@medplum/fhirtypes'
import { describeCode, type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { clauseOf, searchParameters } from '#fhir/search-parameters.ts'
import type { PayloadContent } from '#store/subscriptions.ts'
import { isUuid } from './access.ts'
import type { EndpointPolicy } from './endpoint-policy.ts'
import { type SubscriptionTopic, subscriptionTopics } from './subscription-topics.ts'

export interface ReadSubscription {
  readonly topic: string
  readonly resourceTypes: readonly string[]
  readonly filter: readonly (readonly string[])[]
  readonly payloadContent: PayloadContent
  readonly endpoint: string
  readonly timeoutMs: number
  readonly headers: readonly string[]
}

const STRUCTURE = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
export const FILTER_CRITERIA = `${STRUCTURE}/backport-filter-criteria`
export const PAYLOAD_CONTENT = `${STRUCTURE}/backport-payload-content`
const TIMEOUT = `${STRUCTURE}/backport-timeout`
const MAX_COUNT = `${STRUCTURE}/backport-max-count`

/** Delivery rule 4 of the promise: 15 s unless asked otherwise, never more than 30. */
const DEFAULT_TIMEOUT_S = 15
const MAX_TIMEOUT_S = 30

/** R4 keeps the extensions of a primitive beside it. */
type WithPrimitiveExtensions = Subscription & {
  readonly _criteria?: { readonly extension?: readonly Extension[] }
  readonly channel?: {
    readonly _payload?: { readonly extension?: readonly Extension[] }
    readonly _type?: { readonly extension?: readonly Extension[] }
  }
}

/** @throws GatewayError with every fault at once. */
export function readSubscription(resource: Subscription, policy: EndpointPolicy): ReadSubscription {
  const sent = resource as WithPrimitiveExtensions
  const faults: Fault[] = []
  const topic = readTopic(sent, faults)
  const filter = topic ? readFilter(sent, topic, faults) : []
  const payloadContent = readPayloadContent(sent, faults)
  const endpoint = readEndpoint(sent, policy, faults)
  const timeoutMs = readChannelExtensions(sent, faults)
  const headers = readHeaders(sent, faults)
  readFixed(sent, faults)
  refuseUnserved('Subscription', sent, SERVED, faults)
  refuseUnserved('Subscription.channel', sent.channel ?? {}, SERVED_OF_CHANNEL, faults)
  const [first, ...rest] = faults
  if (first) throw new GatewayError([first, ...rest])
  if (!topic || !payloadContent || !endpoint) throw new Error('a subscription without fault must be complete')
  return {
    topic: topic.url,
    resourceTypes: [topic.resourceType],
    filter,
    payloadContent,
    endpoint,
    timeoutMs,
    headers,
  }
}

/** What is read, and what changes nothing. `end` has a text of its own; the rest, modifiers first, is refused by name. */
const SERVED: ReadonlySet<string> = new Set(
  'resourceType id meta language text status contact end reason criteria _criteria error channel'.split(' '),
)
const SERVED_OF_CHANNEL: ReadonlySet<string> = new Set(
  'id extension type _type endpoint payload _payload header'.split(' '),
)

/** The validator has seen the names: each is R4's. */
function refuseUnserved(path: string, sent: object, served: ReadonlySet<string>, faults: Fault[]): void {
  for (const name of Object.keys(sent)) {
    if (!served.has(name))
      faults.push(unsupported(`${path}.${name}`, 'this element is not served; leave it out'))
  }
}

/** It becomes the Content-Type of what is sent, letter by letter. */
const PAYLOAD = /^application\/(fhir\+json|json)(; ?(fhirVersion=4\.0|charset=utf-8))*$/i

function readFixed(sent: WithPrimitiveExtensions, faults: Fault[]): void {
  if (sent.channel?.type !== 'rest-hook') {
    faults.push(
      unsupported(
        'Subscription.channel.type',
        `found ${describeCode(sent.channel?.type)}; only \`rest-hook\` is served`,
      ),
    )
  }
  for (const { url } of sent.channel?._type?.extension ?? []) {
    faults.push(
      unsupported(
        'Subscription.channel.type.extension',
        `the extension ${last(url)} is not served; leave it out`,
      ),
    )
  }
  if (!PAYLOAD.test(sent.channel?.payload ?? '')) {
    faults.push(
      unsupported(
        'Subscription.channel.payload',
        'send `application/fhir+json`, with no parameter but `fhirVersion=4.0` or `charset=utf-8`: notifications are FHIR JSON',
      ),
    )
  }
  if (!sent.reason) {
    faults.push({
      code: 'field-missing',
      expression: 'Subscription.reason',
      text: 'say in a few words what the subscription is for; it is shown to privacy officers',
    })
  }
  if (sent.end !== undefined)
    faults.push(
      unsupported(
        'Subscription.end',
        'an end time is not served yet; DELETE the subscription when it is over',
      ),
    )
  if (sent.status !== 'requested') {
    faults.push({
      code: 'field-invalid',
      expression: 'Subscription.status',
      text: `found ${describeCode(sent.status)}; send \`requested\`: it becomes active when your endpoint answers the handshake`,
    })
  }
}

function readTopic(sent: WithPrimitiveExtensions, faults: Fault[]): SubscriptionTopic | undefined {
  const topic = subscriptionTopics.find(({ url }) => url === sent.criteria)
  if (!topic) {
    faults.push(
      unsupported(
        'Subscription.criteria',
        `name one topic: ${subscriptionTopics.map(({ url }) => url).join(', ')}`,
      ),
    )
  }
  return topic
}

/** Every filter is compared at every change that is stored. */
const MAX_FILTERS = 20
const MAX_FILTER_CHARS = 2_000

/** `p=v`, `Type.p=v` and the IG examples' `Type?p=v`; several filters mean AND. */
function readFilter(
  sent: WithPrimitiveExtensions,
  topic: SubscriptionTopic,
  faults: Fault[],
): (readonly string[])[] {
  const clauses: (readonly string[])[] = []
  const extensions = sent._criteria?.extension ?? []
  if (extensions.some(({ valueString }) => (valueString ?? '').length > MAX_FILTER_CHARS))
    faults.push(
      unsupported(
        'Subscription.criteria.extension',
        `at most ${MAX_FILTER_CHARS} characters of filter are read`,
      ),
    )
  if (extensions.length > MAX_FILTERS)
    faults.push(unsupported('Subscription.criteria.extension', `at most ${MAX_FILTERS} filters are read`))
  if (faults.length > 0) return clauses
  for (const [i, { url, valueString }] of extensions.entries()) {
    const at = `Subscription.criteria.extension[${i}]`
    if (url !== FILTER_CRITERIA) {
      faults.push(unsupported(at, `the extension ${last(url)} is not served; leave it out`))
      continue
    }
    for (const part of (valueString ?? '').split('&')) {
      const clause = readClause(part, topic)
      if (clause) clauses.push(clause)
      else
        faults.push(
          unsupported(
            at,
            `filters are \`name=value\` with one of ${searchParameters[topic.resourceType].join(', ')}, or \`patient=Patient/…\`, without modifiers`,
          ),
        )
    }
  }
  return clauses
}

function readClause(text: string, { resourceType }: SubscriptionTopic): readonly string[] | undefined {
  const [, type, name, value] = /^(?:([A-Z][A-Za-z]+)[.?])?([a-z][a-zA-Z-]*)=(.+)$/.exec(text) ?? []
  if (!name || !value || (type && type !== resourceType)) return undefined
  if (name === 'patient' || name === 'subject') {
    const ids = value.split(',').map((one) => one.replace(/^Patient\//, ''))
    return ids.every((id) => isUuid(id)) ? ids.map((id) => `subject=${id}`) : undefined
  }
  return searchParameters[resourceType].includes(name) ? clauseOf(name, value) : undefined
}

function readPayloadContent(sent: WithPrimitiveExtensions, faults: Fault[]): PayloadContent | undefined {
  const extensions = sent.channel?._payload?.extension ?? []
  const code = extensions.find(({ url }) => url === PAYLOAD_CONTENT)?.valueCode
  if (code === 'empty' || code === 'id-only' || code === 'full-resource') {
    const other = extensions.find(({ url }) => url !== PAYLOAD_CONTENT)
    if (other)
      faults.push(
        unsupported(
          'Subscription.channel.payload.extension',
          `the extension ${last(other.url)} is not served; leave it out`,
        ),
      )
    return code
  }
  faults.push(
    unsupported(
      'Subscription.channel.payload.extension',
      `found ${describeCode(code)}; set \`backport-payload-content\` to \`empty\`, \`id-only\` or \`full-resource\``,
    ),
  )
  return undefined
}

function readEndpoint(
  sent: WithPrimitiveExtensions,
  { allowHttp }: EndpointPolicy,
  faults: Fault[],
): string | undefined {
  const url = URL.parse(sent.channel?.endpoint ?? '')
  const protocols = allowHttp ? ['https:', 'http:'] : ['https:']
  if (
    url &&
    protocols.includes(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    url.hash === ''
  )
    return url.href
  faults.push(
    unsupported(
      'Subscription.channel.endpoint',
      `send an absolute ${protocols.join(' or ')} URL without credentials or fragment`,
    ),
  )
  return undefined
}

function readChannelExtensions(sent: WithPrimitiveExtensions, faults: Fault[]): number {
  let seconds = DEFAULT_TIMEOUT_S
  for (const [i, { url, valueUnsignedInt, valuePositiveInt }] of (sent.channel?.extension ?? []).entries()) {
    const at = `Subscription.channel.extension[${i}]`
    if (url === TIMEOUT && valueUnsignedInt) seconds = Math.min(valueUnsignedInt, MAX_TIMEOUT_S)
    else if (url === MAX_COUNT && valuePositiveInt) continue
    else
      faults.push(
        unsupported(at, `the extension ${last(url)} is not served, or lacks its value; leave it out`),
      )
  }
  return seconds * 1_000
}

/** Header names that the gateway sets itself, or that would change how the request is framed. */
const RESERVED =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|expect|te|trailer|upgrade|proxy-.*|accept-encoding|webhook-.*|x-request-id|traceparent|tracestate|baggage)$/i
const MAX_HEADERS = 20

function readHeaders(sent: WithPrimitiveExtensions, faults: Fault[]): readonly string[] {
  const headers = sent.channel?.header ?? []
  if (headers.length > MAX_HEADERS)
    faults.push(unsupported('Subscription.channel.header', `at most ${MAX_HEADERS} are sent`))
  for (const [i, line] of headers.entries()) {
    const [, name] = /^([A-Za-z0-9-]{1,64}):[ \t]*([\x20-\x7e]{1,2048})$/.exec(line) ?? []
    if (!name || RESERVED.test(name)) {
      faults.push(
        unsupported(
          `Subscription.channel.header[${i}]`,
          'write `Name: value` in printable ASCII, with a name that the gateway does not set itself',
        ),
      )
    }
  }
  return headers
}

function unsupported(expression: string, text: string): Fault {
  return { code: 'subscription-unsupported', expression, text }
}

/** An extension's own name, never its value. */
function last(url: string | undefined): string {
  return describeCode(url?.split('/').at(-1))
}
