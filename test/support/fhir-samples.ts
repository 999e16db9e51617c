/** The sandbox's own samples, as tests send them, and the subscriptions that tests make. */
import { readFileSync } from 'node:fs'
import type { CarePlan, Consent, Subscription } from '@medplum/fhirtypes'
import type { ApiAnswer, BackendClient } from '#sandbox/backend-client.ts'

const SAMPLES = new URL('../../src/sandbox/samples/', import.meta.url)
const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

export function sampleText(name: string): string {
  return readFileSync(new URL(name, SAMPLES), 'utf8')
}

export function sampleCarePlan(): CarePlan {
  return JSON.parse(sampleText('careplan-hospital.json')) as CarePlan
}

/** A consent of the hospital's citizen, for one recipient; `sensitivities` in v3-ActCode. */
export function sampleConsent(
  recipient: { readonly system: string; readonly value: string },
  sensitivities: readonly string[],
  change: Partial<Consent> = {},
): Consent {
  const base = JSON.parse(sampleText('consent-hospital.json')) as Consent
  const [actor] = base.provision?.actor ?? []
  if (!actor) throw new Error('the sample consent names no actor')
  return {
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
    ...change,
  }
}

export function subscriptionFor(
  endpoint: string,
  change: {
    readonly topic?: string
    readonly filters?: readonly string[]
    readonly content?: string
    readonly headers?: readonly string[]
  } = {},
): Subscription {
  return {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'test',
    criteria: `https://sluse.example/fhir/SubscriptionTopic/${change.topic ?? 'careplan-changed'}`,
    ...(change.filters
      ? {
          _criteria: {
            extension: change.filters.map((valueString) => ({
              url: `${BACKPORT}/backport-filter-criteria`,
              valueString,
            })),
          },
        }
      : {}),
    channel: {
      type: 'rest-hook',
      endpoint,
      payload: 'application/fhir+json',
      _payload: {
        extension: [
          { url: `${BACKPORT}/backport-payload-content`, valueCode: change.content ?? 'full-resource' },
        ],
      },
      ...(change.headers ? { header: [...change.headers] } : {}),
    },
  } as Subscription
}

export function sendFhir(
  client: BackendClient,
  method: string,
  path: string,
  resource: object,
): Promise<ApiAnswer> {
  return client.send(method, path, { type: 'application/fhir+json', content: JSON.stringify(resource) })
}

/** The id in a Location header. */
export function idOf(answer: ApiAnswer): string {
  const id = /\/fhir\/[A-Za-z]+\/([0-9a-f-]{36})/.exec(answer.headers.get('location') ?? '')?.[1]
  if (!id) throw new Error(`HTTP ${answer.status} without a Location: ${answer.text.slice(0, 400)}`)
  return id
}
