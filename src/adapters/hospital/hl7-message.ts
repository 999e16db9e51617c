import { Hl7Message } from '@medplum/core'
import { GatewayError } from '#fhir/gateway-error.ts'
import { decodeHl7 } from './decode-hl7.ts'

/** What a field is addressed by; all but the repetition count from 1, as HL7 does. */
interface Hl7Place {
  readonly component?: number
  readonly subcomponent?: number
  /** Counts from 0. */
  readonly repetition?: number
  /** Which of several segments of that name, from 0. */
  readonly occurrence?: number
}

/** A message whose fields are read as text: escapes decoded, blanks at the ends dropped, `""` (delete) as empty. */
export interface Hl7Reader {
  /** `field('PV1', 19)`; absent fields are empty. */
  readonly field: (segment: string, field: number, place?: Hl7Place) => string
  readonly repetitions: (segment: string, field: number) => number
  readonly occurrences: (segment: string) => number
}

export function readHl7(bytes: Uint8Array): Hl7Reader {
  const message = Hl7Message.parse(decodeHl7(bytes).join('\r'))
  // Once: asked for each of thousands of diagnoses, the message would be searched as often.
  const segments = Map.groupBy(message.segments, ({ name }) => name)
  const fieldOf = (segment: string, field: number, occurrence: number) =>
    segments.get(segment)?.[occurrence]?.getField(field)
  return {
    field: (segment, field, { component = 1, subcomponent = 1, repetition = 0, occurrence = 0 } = {}) => {
      const raw = fieldOf(segment, field, occurrence)?.components[repetition]?.[component - 1] ?? ''
      const part = (raw.split('&')[subcomponent - 1] ?? '').trim()
      const text = part === '""' ? '' : unescapeHl7(part)?.trim()
      if (text !== undefined) return text
      throw new GatewayError({
        code: 'field-invalid',
        text: 'an escape sequence in the field is not known here: send the text without it',
        expression: `${segment}-${field}`,
      })
    },
    repetitions: (segment, field) => fieldOf(segment, field, 0)?.components.length ?? 0,
    occurrences: (segment) => segments.get(segment)?.length ?? 0,
  }
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['F', '|'],
  ['S', '^'],
  ['T', '&'],
  ['R', '~'],
  ['E', '\\'],
  ['.br', '\n'],
  // Start and end of emphasis say nothing about the content.
  ['H', ''],
  ['N', ''],
])

/**
 * https://www.hl7.eu/HL7v2x/v251/std251/ch02.html#Heading28: undefined when a sequence is not known, since dropping it
 * would change the text, and when one does not end.
 */
export function unescapeHl7(text: string): string | undefined {
  const parts = text.split('\\')
  if (parts.length % 2 === 0) return undefined
  const decoded = parts.map((part, at) => (at % 2 === 0 ? part : (escapes.get(part) ?? hexadecimal(part))))
  return decoded.includes(undefined) ? undefined : decoded.join('')
}

/** `\X0D0A\`: only ASCII, since more would be in the sender's own character set. */
function hexadecimal(escape: string): string | undefined {
  if (!/^X(?:[0-7][0-9A-Fa-f])+$/.test(escape)) return undefined
  const codes = escape.slice(1).match(/../g) ?? []
  const text = String.fromCharCode(...codes.map((code) => Number.parseInt(code, 16)))
  return /^[\t\n\r\u0020-\u007e]*$/.test(text) ? text : undefined
}
