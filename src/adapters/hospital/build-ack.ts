import { Hl7Message, Hl7Segment } from '@medplum/core'
import { ERROR_SYSTEM, type ErrorCode, type Fault, errors } from '#fhir/gateway-error.ts'
import { decodeHl7 } from './decode-hl7.ts'

/** HL7 table 0008: accepted; refused, correct it first; not now, send it again. */
export type AckOutcome = 'AA' | 'AE' | 'AR'

/**
 * The acknowledgement of a message, in HL7 v2.5.1 whatever the sender's version, since ERR-2 to ERR-8 begin there:
 * https://www.hl7.eu/HL7v2x/v251/std251/ch02.html#Heading38. It repeats the sender's own header and nothing else;
 * a body that has no readable header is answered without one.
 */
export function buildAck(
  bytes: Uint8Array,
  outcome: AckOutcome,
  fault: Fault | undefined,
  now: Date,
  controlId: string = timestamp(now),
): string {
  const msh = headerOf(bytes)
  const field = (index: number): string => msh?.getField(index)?.toString().trim() ?? ''
  const trigger = msh?.getField(9)?.components[0]?.[1] ?? ''
  const type = /^[A-Z]\d{2}$/.test(trigger) ? `ACK^${trigger}^ACK` : 'ACK'
  const header = ['MSH', '^~\\&', field(5), field(6), field(3), field(4), timestamp(now), '', type, controlId]
  const segments = [
    [...header, field(11) || 'P', '2.5.1', '', '', '', '', '', 'UNICODE UTF-8'],
    ['MSA', outcome, field(10)],
    ...(fault ? [errorSegment(fault)] : []),
  ]
  return `${segments.map((fields) => new Hl7Segment(fields).toString()).join('\r')}\r`
}

function headerOf(bytes: Uint8Array): Hl7Segment | undefined {
  try {
    return Hl7Message.parse(decodeHl7(bytes).join('\r')).getSegment('MSH')
  } catch {
    return undefined
  }
}

/** ERR-2 where, ERR-3 HL7's code, ERR-4 severity, ERR-5 our code, ERR-8 what to do. */
function errorSegment({ code, text, expression }: Fault): string[] {
  const [, segment = '', number = ''] = /^([A-Z][A-Z0-9]{2})(?:-(\d+))?$/.exec(expression ?? '') ?? []
  const location = segment === '' ? '' : `${segment}^1${number === '' ? '' : `^${number}`}`
  return [
    'ERR',
    '',
    location,
    `${hl7Code(code)}^^HL70357`,
    'E',
    `${code}^^${escapeHl7(ERROR_SYSTEM)}`,
    '',
    '',
    escapeHl7(text),
  ]
}

/** HL7 table 0357. */
const hl7Codes: Readonly<Partial<Record<ErrorCode, string>>> = {
  'body-empty': '100',
  'body-malformed': '100',
  'field-missing': '101',
  'field-invalid': '102',
  'code-unknown': '103',
  'event-unsupported': '201',
  'patient-id-not-exchangeable': '204',
  'patient-id-unknown-scheme': '204',
  'message-id-reused': '205',
  'store-unavailable': '206',
}

function hl7Code(code: ErrorCode): string {
  // 207: application internal error, for all that HL7 has no code for.
  return hl7Codes[code] ?? (errors[code].status < 500 ? '102' : '207')
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['|', '\\F\\'],
  ['^', '\\S\\'],
  ['&', '\\T\\'],
  ['~', '\\R\\'],
  ['\\', '\\E\\'],
])

function escapeHl7(text: string): string {
  return text.replace(/[|^&~\\]/g, (mark) => escapes.get(mark) ?? mark)
}

/** UTC, to the millisecond: `20261121221500.123+0000`. */
function timestamp(now: Date): string {
  return `${now.toISOString().replace(/[-:TZ]/g, '')}+0000`
}
