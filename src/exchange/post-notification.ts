/** One POST of a notification through the egress guard; any answer and any failure is an outcome, never an exception. */
import type { Bundle } from '@medplum/fhirtypes'
import { EgressError } from '#egress/post.ts'
import type { StoredSubscription } from '#store/subscriptions.ts'
import type { Notifier } from './notifier.ts'
import type { Attempted } from './retry-schedule.ts'

export async function postNotification(
  notifier: Notifier,
  subscription: StoredSubscription,
  bundle: Bundle,
  webhookId: string,
): Promise<Attempted> {
  const headers: Record<string, string> = {}
  for (const line of subscription.headers) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon)] = line.slice(colon + 1).trim()
  }
  headers['content-type'] = subscription.content.channel.payload ?? 'application/fhir+json'
  headers['webhook-id'] = webhookId
  headers['x-request-id'] = notifier.newId()
  try {
    return await notifier.egress.post(
      { url: subscription.endpoint, headers, timeoutMs: subscription.timeoutMs },
      JSON.stringify(bundle),
    )
  } catch (error) {
    if (!(error instanceof EgressError)) throw error
    if (error.code === 'blocked') return { failure: 'blocked' }
    if (error.code === 'closed') return { failure: 'stopped' }
    return { failure: error.code === 'timeout' ? 'timeout' : 'unreachable' }
  }
}
