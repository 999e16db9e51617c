/** Whether a text repeats what is about a citizen: any six characters in a row are too many. */

const WINDOW = 6

/** The pieces of the secrets that stand in the text; empty is as it must be. */
export function piecesIn(text: string, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) =>
    Array.from({ length: Math.max(secret.length - WINDOW + 1, 1) }, (_, at) =>
      secret.slice(at, at + WINDOW),
    ).filter((piece) => text.includes(piece)),
  )
}
