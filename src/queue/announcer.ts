/**
 * Tells the workers which subscriptions may have work, after the commit. One NOTIFY for many commits: each takes a
 * database-wide lock. A lost one costs at most the sweep's interval.
 */

/** PostgreSQL's channel. */
export const CHANNEL = 'sluse_delivery'

/** Long enough to gather the commits of a busy moment, short enough not to be felt. */
const GATHER_MS = 5

/** NOTIFY takes 8,000 bytes at most; a uuid and its comma take 37. */
const IDS_PER_PAYLOAD = 200

export interface Announcer {
  announce(subscriptionIds: readonly string[]): void
  /** Sends what is still gathered. */
  close(): Promise<void>
}

export function createAnnouncer(notify: (channel: string, payload: string) => Promise<void>): Announcer {
  let gathered = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const ids = [...gathered]
    gathered = new Set()
    for (let i = 0; i < ids.length; i += IDS_PER_PAYLOAD) {
      // The sweep finds what a failed notification did not tell.
      await notify(CHANNEL, ids.slice(i, i + IDS_PER_PAYLOAD).join(',')).catch(() => undefined)
    }
  }

  return {
    announce: (subscriptionIds) => {
      for (const id of subscriptionIds) gathered.add(id)
      if (gathered.size > 0) timer ??= setTimeout(() => void flush(), GATHER_MS)
    },
    close: flush,
  }
}
