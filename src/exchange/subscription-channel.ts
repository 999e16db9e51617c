/** Where and how a subscriber wants its notifications: the parts of `Subscription.channel`. */
import { describeCode, type Fault } from '#fhir/gateway-error.ts'
import type { PayloadContent } from '#store/subscriptions.ts'
import { type EndpointPolicy, isRegisteredEndpoint } from './endpoint-policy.ts'
import { extensionName, type SentSubscription, unsupported } from './sent-subscription.ts'

const STRUCTURE = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
const PAYLOAD_CONTENT = `${STRUCTURE}/backport-payload-content`
const TIMEOUT = `${STRUCTURE}/backport-timeout`
const MAX_COUNT = `${STRUCTURE}/backport-max-count`

/** Delivery rule 4 of the promise: 15 s unless asked otherwise, never more than 30. */
const DEFAULT_TIMEOUT_S = 15
const MAX_TIMEOUT_S = 30

export function readPayloadContent(sent: SentSubscription, faults: Fault[]): PayloadContent | undefined {
  const extensions = sent.channel?._payload?.extension ?? []
  const code = extensions.find(({ url }) => url === PAYLOAD_CONTENT)?.valueCode
  if (code === 'empty' || code === 'id-only' || code === 'full-resource') {
    const other = extensions.find(({ url }) => url !== PAYLOAD_CONTENT)
    if (other)
      faults.push(
        unsupported(
          'Subscription.channel.payload.extension',
          `the extension ${extensionName(other.url)} is not served; leave it out`,
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

export function readEndpoint(
  sent: SentSubscription,
  policy: EndpointPolicy,
  faults: Fault[],
): string | undefined {
  const url = URL.parse(sent.channel?.endpoint ?? '')
  const protocols = policy.allowHttp ? ['https:', 'http:'] : ['https:']
  if (
    url &&
    protocols.includes(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    url.hash === ''
  ) {
    if (isRegisteredEndpoint(policy, url.href)) return url.href
    faults.push(
      unsupported(
        'Subscription.channel.endpoint',
        'your organisation is registered with other endpoints; send an address below one of them, or ask the operator to register this one',
      ),
    )
    return undefined
  }
  faults.push(
    unsupported(
      'Subscription.channel.endpoint',
      `send an absolute ${protocols.join(' or ')} URL without credentials or fragment`,
    ),
  )
  return undefined
}

export function readChannelExtensions(sent: SentSubscription, faults: Fault[]): number {
  let seconds = DEFAULT_TIMEOUT_S
  for (const [i, { url, valueUnsignedInt, valuePositiveInt }] of (sent.channel?.extension ?? []).entries()) {
    const at = `Subscription.channel.extension[${i}]`
    if (url === TIMEOUT && valueUnsignedInt) seconds = Math.min(valueUnsignedInt, MAX_TIMEOUT_S)
    else if (url === MAX_COUNT && valuePositiveInt) continue
    else
      faults.push(
        unsupported(
          at,
          `the extension ${extensionName(url)} is not served, or lacks its value; leave it out`,
        ),
      )
  }
  return seconds * 1_000
}

/** Header names that the gateway sets itself, or that would change how the request is framed. */
const RESERVED =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|expect|te|trailer|upgrade|proxy-.*|accept-encoding|webhook-.*|x-request-id|traceparent|tracestate|baggage)$/i
const MAX_HEADERS = 20

/** What a reader sees instead of a header's value. */
export const MASK = '***'

export function readHeaders(sent: SentSubscription, faults: Fault[]): readonly string[] {
  const headers = sent.channel?.header ?? []
  if (headers.length > MAX_HEADERS)
    faults.push(unsupported('Subscription.channel.header', `at most ${MAX_HEADERS} are sent`))
  for (const [i, line] of headers.entries()) {
    const [, name, value] = /^([A-Za-z0-9-]{1,64}):[ \t]*([\x20-\x7e]{1,2048})$/.exec(line) ?? []
    if (value === MASK) {
      faults.push(
        unsupported(
          `Subscription.channel.header[${i}]`,
          'this value was masked when you read it; send the header with its value again',
        ),
      )
    } else if (!name || RESERVED.test(name)) {
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
