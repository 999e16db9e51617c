import { conceptRecord } from '#adapters/code-systems.ts'
import { type ErrorCode, GatewayError, describe, describeCode } from '#fhir/gateway-error.ts'
import { type PersonIdentifier, personSystem, readPersonIdentifier } from '#fhir/person-identifier.ts'
import type { SourceMessage, SourceRecord } from '#mapping/source-record.ts'
import { type Hl7Reader, readHl7 } from './hl7-message.ts'
import { toFhirTime } from './hl7-time.ts'
import { facilityRecord } from './facility-record.ts'

export interface AdtOptions {
  /** Which repetition of PID-3 names the person: by CX-5, and where that is not enough by CX-4 as well. */
  readonly patientIdentifiers: readonly {
    readonly authority?: string
    readonly type: string
    readonly system: string
  }[]
  /** Of times without an offset. */
  readonly timeZone: string
}

/** Table 0203 (`NN` and the country), and two spellings that Nordic senders use. */
const defaultAdtOptions: AdtOptions = {
  patientIdentifiers: [
    { type: 'NNDNK', system: personSystem.cpr },
    { type: 'NNNOR', system: personSystem.fnr },
    { authority: 'CPR', type: 'NNDN', system: personSystem.cpr },
    { authority: 'FOLKEREG', type: 'FNR', system: personSystem.fnr },
  ],
  timeZone: 'Europe/Copenhagen',
}

/** HL7 v2 ADT A01 (admission) and A03 (discharge): https://www.hl7.eu/HL7v2x/v251/std251/ch03.html */
export function parseAdt(bytes: Uint8Array, options: AdtOptions = defaultAdtOptions): SourceMessage {
  const message = readHl7(bytes)
  const warnings: string[] = []
  const event = readEvent(message, warnings)
  const messageId = ['MSH-3', 'MSH-4'].map((name) => message.field('MSH', Number(name.slice(4))))
  const controlId = required(message, 'MSH', 10)
  for (const segment of ['PID', 'PV1']) {
    const count = message.occurrences(segment)
    if (count === 0) throw fault('field-missing', `there is no ${segment} segment: send one`, segment)
    if (count > 1)
      throw fault('field-invalid', `there are ${count} ${segment} segments: send one patient's stay`, segment)
  }
  const patient = readPatient(message, options)
  const visitNumber = required(message, 'PV1', 19)
  if (visitNumber.replace('-', '') === patient.value) {
    throw fault(
      'field-invalid',
      'the visit number is the person number: send a number of the visit',
      'PV1-19',
    )
  }
  const record = { event, visitNumber, ...readVisit(message, event, { options, warnings }) }
  return {
    format: 'hl7v2-adt',
    messageId: [...messageId, controlId].join('|'),
    patient,
    entries: [
      {
        map: 'hospital/AdtToEncounter',
        key: visitNumber,
        record,
        fields: { event: 'MSH-9', patientClass: 'PV1-2' },
      },
    ],
    warnings,
  }
}

/** MSH-9 is trusted: senders leave EVN-1 at A01 under other events. */
function readEvent(message: Hl7Reader, warnings: string[]): string {
  const event = message.field('MSH', 9, { component: 2 })
  if (message.field('MSH', 9) !== 'ADT' || (event !== 'A01' && event !== 'A03')) {
    const found =
      message.field('MSH', 9) === '' ? 'nothing' : describeCode(`${message.field('MSH', 9)}^${event}`)
    throw fault('event-unsupported', `found ${found}: Sluse reads \`ADT^A01\` and \`ADT^A03\``, 'MSH-9')
  }
  const inEvn = message.field('EVN', 1)
  if (inEvn !== '' && inEvn !== event) warnings.push('EVN-1 and MSH-9 name different events: MSH-9 was used')
  return event
}

function readPatient(message: Hl7Reader, { patientIdentifiers }: AdtOptions): PersonIdentifier {
  const found: PersonIdentifier[] = []
  for (let repetition = 0; repetition < message.repetitions('PID', 3); repetition++) {
    const authority = message.field('PID', 3, { repetition, component: 4 })
    const type = message.field('PID', 3, { repetition, component: 5 })
    const rule = patientIdentifiers.find(
      (each) => each.type === type && (each.authority ?? authority) === authority,
    )
    if (rule) found.push(readPersonIdentifier(rule.system, message.field('PID', 3, { repetition }), 'PID-3'))
  }
  const [first, ...others] = found
  if (!first) {
    throw fault(
      'patient-id-unknown-scheme',
      `no identifier is of a known national type: send one of ${patientIdentifiers.map(({ type }) => `\`${type}\``).join(', ')} in CX-5`,
      'PID-3',
    )
  }
  if (others.some((other) => other.system !== first.system || other.value !== first.value)) {
    throw fault(
      'field-invalid',
      'there are two national identifiers that differ: send the one in force',
      'PID-3',
    )
  }
  return first
}

interface VisitContext {
  readonly options: AdtOptions
  readonly warnings: string[]
}

function readVisit(message: Hl7Reader, event: string, { options, warnings }: VisitContext): SourceRecord {
  const start = readTime(message, 44, { options, warnings })
  const end = readTime(message, 45, { options, warnings })
  const isDischarge = event === 'A03'
  if (start === undefined) warnings.push('PV1-44 is empty: the stay has no beginning')
  if (isDischarge && end === undefined) warnings.push('PV1-45 is empty: the discharge has no time')
  if (!isDischarge && end !== undefined) warnings.push('PV1-45 is filled in an admission: it was not used')
  if (isDischarge && start && end && Date.parse(end) < Date.parse(start)) {
    throw fault('field-invalid', 'the discharge is before the admission: correct PV1-44 or PV1-45', 'PV1-45')
  }
  const provider =
    facilityRecord(message, 'PV1', { field: 3, component: 4 }) ?? facilityRecord(message, 'MSH', { field: 4 })
  const service = readConcept(message, 'PV1', { field: 10 })
  const ward = message.field('PV1', 3)
  return {
    patientClass: required(message, 'PV1', 2),
    reasons: [
      readConcept(message, 'PV2', { field: 3 }),
      ...Array.from({ length: message.occurrences('DG1') }, (_, occurrence) =>
        readConcept(message, 'DG1', { field: 3, occurrence }),
      ),
    ].filter((reason) => reason !== undefined),
    ...(start === undefined ? {} : { start }),
    ...(isDischarge && end !== undefined ? { end } : {}),
    ...(provider ? { provider } : {}),
    ...(service ? { service } : {}),
    ...(ward === '' ? {} : { ward }),
  }
}

function readTime(
  message: Hl7Reader,
  field: 44 | 45,
  { options, warnings }: VisitContext,
): string | undefined {
  const timestamp = message.field('PV1', field)
  if (timestamp === '') return undefined
  const time = toFhirTime(timestamp, options.timeZone)
  if (!time) {
    throw fault(
      'field-invalid',
      `found ${describe(timestamp)}, no time of the calendar: send YYYYMMDDHHMMSS+ZZZZ`,
      `PV1-${field}`,
    )
  }
  if (time.warning !== undefined) warnings.push(`PV1-${field}: ${time.warning}`)
  return time.value
}

/** CWE: code, text, name of the code system. */
function readConcept(
  message: Hl7Reader,
  segment: 'PV1' | 'PV2' | 'DG1',
  { field, occurrence = 0 }: { field: number; occurrence?: number },
): ReturnType<typeof conceptRecord> {
  const part = (component: number): string => message.field(segment, field, { component, occurrence })
  return conceptRecord(part(1), part(2), part(3))
}

function required(message: Hl7Reader, segment: string, field: number): string {
  const value = message.field(segment, field)
  if (value !== '') return value
  throw fault('field-missing', `the field is empty: fill ${segment}-${field}`, `${segment}-${field}`)
}

function fault(code: ErrorCode, text: string, expression: string): GatewayError {
  return new GatewayError({ code, text, expression })
}
