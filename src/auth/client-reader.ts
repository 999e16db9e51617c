import { LRUCache } from 'lru-cache'
import type { Client, ClientStore } from './client.ts'

/**
 * How long a registration may be out of date, in milliseconds: a client that is disabled loses access within it. Short
 * enough to be "at once" for a person, long enough that a busy client costs one read in thousands of requests.
 */
export const CLIENT_STALENESS_MS = 5_000

const MAX_REMEMBERED_CLIENTS = 1_000

/** Reads registrations through a short memory. Requests that arrive together share one read; a failed read is forgotten. */
export function createClientReader(
  clients: Pick<ClientStore, 'findClient'>,
  now: () => Date,
): { readonly read: (id: string) => Promise<Client | undefined>; readonly forget: (id: string) => void } {
  const remembered = new LRUCache<string, { readAt: number; client: Promise<Client | undefined> }>({
    max: MAX_REMEMBERED_CLIENTS,
  })
  const read = async (id: string): Promise<Client | undefined> => {
    const readAt = now().getTime()
    const entry = remembered.get(id)
    // A clock that was set back makes the age negative: read again rather than trust the entry for longer.
    const ageMs = entry === undefined ? Number.POSITIVE_INFINITY : readAt - entry.readAt
    if (entry !== undefined && ageMs >= 0 && ageMs < CLIENT_STALENESS_MS) return entry.client
    // The age counts from before the read, so that a slow read makes it staler and never fresher.
    const fresh = { readAt, client: clients.findClient(id) }
    remembered.set(id, fresh)
    fresh.client.catch(() => {
      if (remembered.get(id) === fresh) remembered.delete(id)
    })
    return fresh.client
  }
  return { read, forget: (id) => void remembered.delete(id) }
}
