/** Waiting for what another process does: it is looked for again and again, and the wait has an end. */
import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 10

/** Answers with what was found. What did not come in time is an error that says what was waited for. */
export async function waitFor<Found>(
  look: () => Found | undefined | Promise<Found | undefined>,
  what: string | (() => string),
  timeoutMs = 20_000,
): Promise<Found> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline)
      throw new Error(`waited ${timeoutMs} ms in vain for ${typeof what === 'string' ? what : what()}`)
    await pause(LOOK_EVERY_MS)
  }
}
