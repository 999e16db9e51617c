/**
 * Reads a Subscription of the R5 Backport IG 1.1.0 and refuses, naming the element, whatever Sluse does not do: a
 * subscription that silently did less would lose events. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/
 */
import type { Subscription } from '@medplum/fhirtypes'
import { describeCode, type Fault, GatewayError } from '#fhir/gateway-error.ts'
import type { PayloadContent } from '#store/subscriptions.ts'
import type { EndpointPolicy } from './endpoint-policy.ts'
import { extensionName, type SentSubscription, unsupported } from './sent-subscription.ts'
import {
  readChannelExtensions,
  readEndpoint,
  readHeaders,
  readPayloadContent,
} from './subscription-channel.ts'
import { readFilter } from './subscription-filter.ts'
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

/** @throws GatewayError with every fault at once. */
export function readSubscription(resource: Subscription, policy: EndpointPolicy): ReadSubscription {
  const sent = resource as SentSubscription
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

function readFixed(sent: SentSubscription, faults: Fault[]): void {
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
        `the extension ${extensionName(url)} is not served; leave it out`,
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

function readTopic(sent: SentSubscription, faults: Fault[]): SubscriptionTopic | undefined {
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
