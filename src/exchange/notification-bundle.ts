/** The notification of the R5 Backport IG 1.1.0 in R4: a history Bundle whose first entry is the status Parameters. */
import type { Bundle, BundleEntry, Parameters } from '@medplum/fhirtypes'
import { highWaterMark } from '#redact/high-water-mark.ts'
import type { StoredSubscription } from '#store/subscriptions.ts'
import type { Disclosure } from './disclose.ts'

const STRUCTURE = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

interface Status {
  readonly type: 'handshake' | 'event-notification' | 'query-status'
  readonly status: StoredSubscription['status']
  readonly event?: NotifiedEvent
  readonly recall?: Recall
}

interface Recall {
  readonly consent: string
  /** What the recipient was given on that basis. */
  readonly received: readonly string[]
}

interface NotifiedEvent {
  readonly number: number
  readonly occurredAt: Date
  /** Absent in an `empty` notification. */
  readonly focus?: string
}

export interface Event {
  readonly number: number
  readonly occurredAt: Date
  readonly interaction: 'create' | 'update'
  readonly disclosure: Disclosure
}

export interface BundleFrame {
  readonly fhirBase: string
  /** The same over all attempts of one event. */
  readonly bundleId: string
  readonly statusId: string
  readonly timestamp: Date
}

export function handshakeBundle(frame: BundleFrame, subscription: StoredSubscription): Bundle {
  return history(frame, subscription, { type: 'handshake', status: 'requested' }, [])
}

export function eventBundle(frame: BundleFrame, subscription: StoredSubscription, event: Event): Bundle {
  const { resource } = event.disclosure
  const focus = `${frame.fhirBase}/${resource.resourceType}/${resource.id}`
  const named = subscription.payloadContent === 'empty' ? {} : { focus }
  const status: Status = {
    type: 'event-notification',
    status: 'active',
    event: { number: event.number, occurredAt: event.occurredAt, ...named },
  }
  return history(frame, subscription, status, entries(subscription, event, focus))
}

export interface RecallEvent {
  readonly number: number
  readonly occurredAt: Date
  readonly consentId: string
  /** `Type/id` of what the recipient was given. */
  readonly received: readonly string[]
}

/**
 * That the basis of something is gone: by ids alone, whatever content the subscription asks for. A subscription to `empty`
 * notifications keeps ids off its channel, and hears only that there is a recall.
 */
export function recallBundle(
  frame: BundleFrame,
  subscription: StoredSubscription,
  event: RecallEvent,
): Bundle {
  const consent = `${frame.fhirBase}/Consent/${event.consentId}`
  const isEmpty = subscription.payloadContent === 'empty'
  const received = event.received.map((reference) => `${frame.fhirBase}/${reference}`)
  const status: Status = {
    type: 'event-notification',
    status: 'active',
    event: { number: event.number, occurredAt: event.occurredAt, ...(isEmpty ? {} : { focus: consent }) },
    recall: { consent, received },
  }
  const entry = {
    fullUrl: consent,
    request: { method: 'PUT', url: `Consent/${event.consentId}` },
    response: { status: '200' },
  } as const
  return history(frame, subscription, status, isEmpty ? [] : [entry])
}

function entries(
  { payloadContent }: StoredSubscription,
  { disclosure, interaction }: Event,
  fullUrl: string,
): BundleEntry[] {
  if (payloadContent === 'empty') return []
  const created = interaction === 'create'
  const address = created
    ? disclosure.resource.resourceType
    : `${disclosure.resource.resourceType}/${disclosure.resource.id}`
  return [
    {
      fullUrl,
      ...(payloadContent === 'full-resource' ? { resource: disclosure.resource } : {}),
      // bdl-3, bdl-4: every entry of a history has both.
      request: { method: created ? 'POST' : 'PUT', url: address },
      response: { status: created ? '201' : '200' },
    },
  ]
}

function history(
  frame: BundleFrame,
  subscription: StoredSubscription,
  status: Status,
  more: readonly BundleEntry[],
): Bundle {
  // Of what is in it: an address alone must not tell what it leads to.
  const security = highWaterMark(more.flatMap(({ resource }) => resource ?? []))
  const parameters = statusParameters(frame.fhirBase, subscription, status, frame.statusId)
  return {
    resourceType: 'Bundle',
    id: frame.bundleId,
    meta: {
      profile: [`${STRUCTURE}/backport-subscription-notification-r4`],
      ...(security.length > 0 && { security: [...security] }),
    },
    type: 'history',
    timestamp: frame.timestamp.toISOString(),
    entry: [
      {
        fullUrl: `urn:uuid:${frame.statusId}`,
        resource: parameters,
        request: { method: 'GET', url: `${frame.fhirBase}/Subscription/${subscription.id}/$status` },
        response: { status: '200' },
      },
      ...more,
    ] as BundleEntry[],
  }
}

export function statusParameters(
  fhirBase: string,
  subscription: StoredSubscription,
  { type, status, event, recall }: Status,
  id?: string,
): Parameters {
  const count = event ? event.number : subscription.eventCount
  return {
    resourceType: 'Parameters',
    ...(id ? { id } : {}),
    meta: { profile: [`${STRUCTURE}/backport-subscription-status-r4`] },
    parameter: [
      { name: 'subscription', valueReference: { reference: `${fhirBase}/Subscription/${subscription.id}` } },
      { name: 'topic', valueCanonical: subscription.topic },
      { name: 'status', valueCode: status },
      { name: 'type', valueCode: type },
      // R4 has no integer64: numbers of events are strings.
      { name: 'events-since-subscription-start', valueString: String(count) },
      ...(event ? [notificationEvent(event)] : []),
      ...(recall ? [recallParameter(recall, event?.focus !== undefined)] : []),
      ...(type === 'query-status' && subscription.error
        ? [
            {
              name: 'error',
              valueCodeableConcept: {
                coding: [
                  { system: 'http://terminology.hl7.org/CodeSystem/subscription-error', code: 'no-response' },
                ],
              },
            },
          ]
        : []),
    ],
  }
}

/** Our own, beside those of the Backport IG: what makes this event a recall. */
function recallParameter({ consent, received }: Recall, named: boolean) {
  return {
    name: 'recall',
    part: [
      { name: 'reason', valueCode: 'basis-withdrawn' },
      ...(named
        ? [
            { name: 'basis', valueReference: { reference: consent } },
            ...received.map((reference) => ({ name: 'received', valueReference: { reference } })),
          ]
        : []),
    ],
  }
}

function notificationEvent({ number, occurredAt, focus }: NotifiedEvent) {
  return {
    name: 'notification-event',
    part: [
      { name: 'event-number', valueString: String(number) },
      { name: 'timestamp', valueInstant: occurredAt.toISOString() },
      ...(focus ? [{ name: 'focus', valueReference: { reference: focus } }] : []),
    ],
  }
}
