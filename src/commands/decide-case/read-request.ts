/** The `request` of a case: who asks for whose data, for what, when. Nothing of it is guessed but the action. */
import type { AccessRequest } from '#consent/access-request.ts'
import { parseLocalInstant } from '#consent/instant.ts'
import { isPurposeOfUse } from '#consent/purpose-of-use.ts'
import { describeCode } from '#fhir/gateway-error.ts'
import { ACT_REASON_SYSTEM, normalizeSystem } from '#label/code-system.ts'
import { type Faults, isObject, member, type Place } from './json-place.ts'
import { type Name, readName, readNames, refuseUnknown } from './read-name.ts'

export interface CaseRequest extends Pick<AccessRequest, 'purposeOfUse' | 'action' | 'timeZone' | 'now'> {
  readonly patient: Name
  readonly recipient: readonly Name[]
  readonly custodian: readonly Name[] | undefined
}

const MEMBERS = ['patient', 'recipient', 'custodian', 'purposeOfUse', 'action', 'at', 'timeZone']

/** Undefined when a part could not be read: then its fault was added. */
export function readRequest(place: Place, faults: Faults): CaseRequest | undefined {
  const { value, path } = place
  if (!isObject(value))
    return faults.wrong(place, 'an object with `patient`, `recipient`, `purposeOfUse`, `at`')
  refuseUnknown(value, path, MEMBERS, faults)
  const at = (name: string): Place => member(value, path, name)
  const patient = readName(at('patient'), faults)
  const recipient = readNames(at('recipient'), faults)
  const custodian = value['custodian'] === undefined ? undefined : readNames(at('custodian'), faults)
  const purposeOfUse = readPurposes(at('purposeOfUse'), faults)
  const action = readAction(at('action'), faults)
  const timeZone = readTimeZone(at('timeZone'), faults)
  const now = readInstant(at('at'), faults)
  if (!patient || !action || timeZone === undefined || now === undefined) return undefined
  return { patient, recipient, custodian, purposeOfUse, action, timeZone, now }
}

function readPurposes(place: Place, faults: Faults): readonly string[] {
  const { value, path } = place
  if (!Array.isArray(value)) return readPurpose(place, faults)
  if (value.length === 0) faults.wrong(place, 'at least one code of v3-ActReason, such as `TREAT`')
  return [
    ...new Set(
      value.flatMap((item: unknown, index) =>
        readPurpose({ value: item, path: `${path}[${index}]` }, faults),
      ),
    ),
  ]
}

/** A purpose that is misspelt would slip past every deny that names it. */
function readPurpose(place: Place, faults: Faults): readonly string[] {
  return codesIn(place, faults, 'a code of v3-ActReason, such as `TREAT`').flatMap(
    ({ system, code, path }) => {
      if (system !== undefined && normalizeSystem(system) !== ACT_REASON_SYSTEM) {
        faults.add(
          `${path}.system`,
          'found another system; send a purpose of use of v3-ActReason',
          'code-unknown',
        )
        return []
      }
      if (isPurposeOfUse(code)) return [code]
      faults.add(
        path,
        `found ${describeCode(code)}; send a purpose of use of v3-ActReason, such as \`TREAT\``,
        'code-unknown',
      )
      return []
    },
  )
}

const ACTION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentaction'
const ACTIONS = ['disclose', 'access', 'use', 'collect', 'correct'] as const

/** Absent: what the custodian may hand over, `disclose`. */
function readAction(place: Place, faults: Faults): AccessRequest['action'] | undefined {
  if (place.value === undefined) return 'disclose'
  const wanted = `one of ${ACTIONS.map((action) => `\`${action}\``).join(', ')}`
  const codes = codesIn(place, faults, wanted)
  const [first] = codes
  if (!first) return undefined
  const action = ACTIONS.find((known) => known === first.code)
  const isOurs = first.system === undefined || first.system === ACTION_SYSTEM
  if (action && isOurs && codes.length === 1) return action
  return faults.add(place.path, `found ${describeCode(first.code)}; send ${wanted}`, 'code-unknown')
}

interface FoundCode {
  readonly system: string | undefined
  readonly code: string
  readonly path: string
}

/** Of a string, a Coding or a CodeableConcept. */
function codesIn(place: Place, faults: Faults, wanted: string): readonly FoundCode[] {
  const { value, path } = place
  if (typeof value === 'string' && value !== '') return [{ system: undefined, code: value, path }]
  if (!isObject(value)) {
    faults.wrong(place, wanted)
    return []
  }
  const { coding } = value
  if (Array.isArray(coding) && coding.length > 0)
    return coding.flatMap((item: unknown, index) =>
      codesIn({ value: item, path: `${path}.coding[${index}]` }, faults, wanted),
    )
  const { system, code } = value
  if (typeof code === 'string' && code !== '' && (system === undefined || typeof system === 'string'))
    return [{ system, code, path }]
  faults.wrong(member(value, path, typeof code === 'string' ? 'system' : 'code'), wanted)
  return []
}

function readTimeZone(place: Place, faults: Faults): string | undefined {
  const { value } = place
  const wanted = 'an IANA time zone, such as `Europe/Copenhagen`'
  if (typeof value !== 'string') return faults.wrong(place, wanted)
  return parseLocalInstant('2000-01-01T00:00:00Z', value) ? value : faults.wrong(place, wanted)
}

/** With its offset: at half past two on the last Sunday of October the wall shows one time for two instants. */
function readInstant(place: Place, faults: Faults): string | undefined {
  const { value } = place
  const isInstant = typeof value === 'string' && parseLocalInstant(value, 'UTC') !== undefined
  return isInstant
    ? value
    : faults.wrong(place, 'an instant with its offset, such as `2026-11-21T10:00:00+01:00`')
}
