/** What can be subscribed to. Each topic is one canonical that Subscription.criteria names. */
import type { HeldType } from '#fhir/held-types.ts'

const BASE = 'https://sluse.example/fhir/SubscriptionTopic'

export interface SubscriptionTopic {
  readonly url: string
  readonly title: string
  readonly resourceType: HeldType
}

export const subscriptionTopics: readonly SubscriptionTopic[] = [
  { url: `${BASE}/careplan-changed`, title: 'a care plan was created or updated', resourceType: 'CarePlan' },
  {
    url: `${BASE}/encounter-changed`,
    title: 'an encounter was started, changed or finished',
    resourceType: 'Encounter',
  },
  {
    url: `${BASE}/condition-changed`,
    title: 'a condition was created or updated',
    resourceType: 'Condition',
  },
  {
    url: `${BASE}/consent-changed`,
    title: 'a consent was given, changed or withdrawn',
    resourceType: 'Consent',
  },
]
