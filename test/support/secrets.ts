/** Whether a text repeats what is about a citizen: any six characters in a row are too many. */

const WINDOW = 6

/** Ids of ours are random: now and then one has six digits of a secret in it. */
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** The pieces of the secrets that stand in the text; empty is as it must be. */
export function piecesIn(text: string, secrets: readonly string[]): string[] {
  const told = text.replaceAll(UUID, '')
  return secrets.flatMap((secret) =>
    Array.from({ length: Math.max(secret.length - WINDOW + 1, 1) }, (_, at) =>
      secret.slice(at, at + WINDOW),
    ).filter((piece) => told.includes(piece)),
  )
}

/** The names and labels of Prometheus text: its figures are bytes and seconds, and may be any number. */
export function labelsIn(metrics: string): string {
  return metrics.replaceAll(/ \S+$/gm, '')
}
