/** The notification of the R5 Backport IG 1.1.0 in R4: a history Bundle whose first entry is the status Parameters. */
import type { Bundle, BundleEntry, Parameters } from '@medplum/fhirtypes'
import type { StoredSubscription } from '#store/subscriptions.ts'
import type { Disclosure } from './disclose.ts'

const STRUCTURE = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

interface Status {
  readonly type: 'handshake' | 'event-notification' | 'query-status'
  readonly status: StoredSubscription['status']
  readonly event?: NotifiedEvent
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
  const parameters = statusParameters(frame.fhirBase, subscription, status, frame.statusId)
  return {
    resourceType: 'Bundle',
    id: frame.bundleId,
    meta: { profile: [`${STRUCTURE}/backport-subscription-notification-r4`] },
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
  { type, status, event }: Status,
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
