import { GatewayError } from '#fhir/gateway-error.ts'

/** The only delimiters that Sluse reads: a message that declares others could hide a field from a filter on the way. */
const HEADER = 'MSH|^~\\&|'

/** Each diagnosis is one; a stay has some tens, and each costs time to map, to validate and to label. */
const MAX_SEGMENTS = 2_000

/** HL7 table 0211 to the encodings of the WHATWG; their `iso-8859-1` is windows-1252, which senders mean by it. */
const encodings: ReadonlyMap<string, string> = new Map([
  ['ASCII', 'utf-8'],
  ['8859/1', 'iso-8859-1'],
  ['8859/15', 'iso-8859-15'],
  ['UNICODE UTF-8', 'utf-8'],
])

/**
 * The segments of one HL7 v2 message, in the character set that MSH-18 declares.
 * https://www.hl7.eu/HL7v2x/v251/std251/ch02.html#Heading13 - without a declaration UTF-8, of which ASCII is a part.
 */
export function decodeHl7(bytes: Uint8Array): string[] {
  const body = startsWithBom(bytes) ? bytes.subarray(3) : bytes
  if (body.every((byte) => byte <= 0x20)) {
    throw new GatewayError({ code: 'body-empty', text: 'the body is empty: send one HL7 v2 message' })
  }
  const segments = decodeText(body)
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '')
  if (segments.length > MAX_SEGMENTS) {
    throw new GatewayError({
      code: 'body-too-large',
      text: `the message has more than ${MAX_SEGMENTS} segments: send one stay, without its history`,
    })
  }
  segments.forEach((segment, at) => {
    if (!/^[A-Z][A-Z0-9]{2}(?:\||\s*$)/.test(segment)) throw malformed(`line ${at + 1} is no segment`)
    if (at > 0 && segment.startsWith('MSH')) throw malformed('there is a second MSH')
  })
  return segments
}

function decodeText(body: Uint8Array): string {
  const header = headerOf(body)
  if (!header.startsWith('MSH')) throw malformed('the body does not begin with MSH')
  if (!header.startsWith(HEADER)) {
    throw new GatewayError({
      code: 'field-invalid',
      text: 'the delimiters are not `|^~\\&`: send the message with these',
      expression: 'MSH-2',
    })
  }
  const declared = (header.split('|')[17] ?? '').split('~')[0]?.trim() ?? ''
  const encoding = declared === '' ? 'utf-8' : encodings.get(declared)
  if (encoding === undefined) {
    throw new GatewayError({
      code: 'field-invalid',
      text: `the character set is none of ${[...encodings.keys()].map((name) => `\`${name}\``).join(', ')}: send one of these`,
      expression: 'MSH-18',
    })
  }
  const text = decodeStrictly(body, encoding)
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f]/.test(text))
    throw malformed('there are control characters')
  return text
}

/** The first line, byte by byte: all encodings that we read agree on ASCII, and MSH-18 is ASCII. */
function headerOf(body: Uint8Array): string {
  const end = body.findIndex((byte) => byte === 0x0d || byte === 0x0a)
  return new TextDecoder('iso-8859-1').decode(end === -1 ? body : body.subarray(0, end))
}

function decodeStrictly(body: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body)
  } catch (cause) {
    throw new GatewayError(
      {
        code: 'body-malformed',
        text: 'the bytes are not in the character set that MSH-18 declares (UTF-8 when it is empty): correct MSH-18',
        expression: 'MSH-18',
      },
      { cause },
    )
  }
}

function startsWithBom(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

function malformed(what: string): GatewayError {
  return new GatewayError({
    code: 'body-malformed',
    text: `${what}: send one HL7 v2 message, a segment to a line`,
  })
}
