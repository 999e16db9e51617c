/**
 * The second net under the allow-list of log fields: what has the shape of a national id does not pass in any text.
 * CPR: ten digits, also as 010101-1234; fødselsnummer and D-number: eleven, also as 010101 12345.
 */
const MASKED = '[masked]'

/** Ids of ours (UUIDs, trace ids, hashes) first, so that digits inside them stay and a request can be found by its id. */
const OURS = String.raw`\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64})\b`

/** A separator may be any space or dash that people type: RFC texts, forms and spreadsheets differ. */
const NATIONAL_ID = String.raw`(?<!\d)\d{6}[\s\p{Pd}.+]?\d{4,5}(?!\d)`

const PATTERN = new RegExp(`(${OURS})|${NATIONAL_ID}`, 'giu')

/** An error's text is of use at its start. */
const LIMIT_CHARS = 500

export function mask(text: string): string {
  // Cut after masking: a cut through an id would leave digits that no longer look like one.
  const masked = text.replaceAll(PATTERN, (_match, ours: string | undefined) => ours ?? MASKED)
  return masked.length > LIMIT_CHARS ? `${masked.slice(0, LIMIT_CHARS)}…` : masked
}

/** A number of nine digits may be an id that lost its leading zero. Ours count rows, bytes and milliseconds. */
export function maskNumber(value: number): number | string {
  const size = Math.abs(value)
  return Number.isInteger(value) && size >= 1e8 && size < 1e11 ? MASKED : value
}
