/** What `$decide` is asked: whose data, for whom, for what; with a consent that is not stored, or at an instant that is over. */
import type { Consent, Parameters } from '@medplum/fhirtypes'
import { sizeFaults } from '#capture/size.ts'
import type { AccessRequest, BusinessIdentifier } from '#consent/access-request.ts'
import { parseLocalInstant } from '#consent/instant.ts'
import { isPurposeOfUse } from '#consent/purpose-of-use.ts'
import type { Language } from '#consent/reason.ts'
import { describeCode, type ErrorCode, GatewayError } from '#fhir/gateway-error.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import { type NamedSubject, readSubject } from '#intake/subject.ts'
import { ACT_REASON_SYSTEM, normalizeSystem } from '#label/code-system.ts'
import { isUuid } from './is-uuid.ts'
import { createParameterReader, type Given } from './parameter-reader.ts'

export type NamedRecipient = { readonly id: string } | { readonly identifier: BusinessIdentifier }

export interface DecideRequest {
  readonly patient: NamedSubject
  readonly recipient: NamedRecipient
  readonly purposeOfUse: readonly string[]
  readonly action: AccessRequest['action']
  /** Added to the stored consents, or in place of the one with its id. */
  readonly draft: Consent | undefined
  /** Undefined: now. */
  readonly at: Date | undefined
  readonly language: Language | undefined
}

const NAMES = ['patient', 'recipient', 'purpose', 'action', 'draft', 'at', 'language']
const MISSING = {
  patient:
    'name the citizen: `patient` as an Identifier with the national id, or as our `Patient/…` reference',
  recipient: 'name who would receive: `recipient` as an Identifier, or as an `Organization/…` reference',
  purpose: 'say what for: `purpose` as a Coding of v3-ActReason, such as `TREAT`',
}

/** @throws GatewayError with every fault, each with the place of its parameter. */
export function readDecideRequest(body: Parameters, now: Date): DecideRequest {
  const reader = createParameterReader(body, NAMES, ['purpose'])
  const patient = reader.required('patient', MISSING.patient, patientOf)
  const recipient = reader.required('recipient', MISSING.recipient, recipientOf)
  reader.required('purpose', MISSING.purpose, purposeOf)
  const purposes = reader.many('purpose', (given) => purposeOf(given))
  const action = reader.one('action', actionOf)
  const draft = reader.one('draft', (given) => draftOf(given, patient))
  const at = reader.one('at', (given) => instantOf(given, now))
  const language = reader.one('language', languageOf)
  reader.end()
  if (!patient || !recipient) throw new Error('a fault was lost')
  return {
    patient,
    recipient,
    purposeOfUse: [...new Set(purposes)].sort(),
    action: action ?? 'disclose',
    draft,
    at,
    language,
  }
}

function patientOf({ parameter, path }: Given): NamedSubject {
  const { valueReference, valueIdentifier } = parameter
  const identifier = valueIdentifier ?? valueReference?.identifier
  if (identifier) return { nationalId: readPersonIdentifier(identifier.system, identifier.value, path) }
  const subjectId = valueReference?.reference?.replace(/^Patient\//, '')
  if (isUuid(subjectId)) return { subjectId }
  throw fault(path, MISSING.patient)
}

function recipientOf({ parameter, path }: Given): NamedRecipient {
  const { valueReference, valueIdentifier } = parameter
  const { system, value } = valueIdentifier ?? valueReference?.identifier ?? {}
  if (system && value) return { identifier: { system, value } }
  const id = valueReference?.reference?.replace(/^Organization\//, '')
  if (isUuid(id)) return { id }
  throw fault(path, MISSING.recipient)
}

function purposeOf({ parameter, path }: Given): string {
  const { system, code } = parameter.valueCoding ?? {}
  const isOurs = system !== undefined && normalizeSystem(system) === ACT_REASON_SYSTEM
  if (isOurs && code !== undefined && isPurposeOfUse(code)) return code
  throw fault(`${path}.valueCoding`, `found ${describeCode(code)}; ${MISSING.purpose}`, 'code-unknown')
}

const ACTIONS = ['disclose', 'access', 'use', 'collect', 'correct'] as const

function actionOf({ parameter, path }: Given): AccessRequest['action'] {
  const action = ACTIONS.find((known) => known === parameter.valueCode)
  if (action) return action
  const known = ACTIONS.map((each) => `\`${each}\``).join(', ')
  throw fault(
    `${path}.valueCode`,
    `found ${describeCode(parameter.valueCode)}; send one of ${known}`,
    'code-unknown',
  )
}

/** Named as the request names the citizen, or not at all: whether two names are one citizen's is not told here. */
function draftOf({ parameter, path }: Given, patient: NamedSubject | undefined): Consent {
  const { resource } = parameter
  if (resource?.resourceType !== 'Consent') throw fault(path, 'send the draft as a Consent in `resource`')
  if (patient && resource.patient && !isSame(readSubject(resource), patient))
    throw fault(`${path}.resource.patient`, 'name the citizen in the draft as in `patient`, or leave it out')
  // One that is asked about each record, and could not be stored.
  const [tooLarge] = sizeFaults(resource)
  if (tooLarge) throw fault(`${path}.resource`, tooLarge.text)
  return resource
}

function isSame(one: NamedSubject, other: NamedSubject): boolean {
  if ('subjectId' in one || 'subjectId' in other)
    return 'subjectId' in one && 'subjectId' in other && one.subjectId === other.subjectId
  return one.nationalId.system === other.nationalId.system && one.nationalId.value === other.nationalId.value
}

function instantOf({ parameter, path }: Given, now: Date): Date {
  const value = parameter.valueInstant ?? parameter.valueDateTime
  const instant = value === undefined ? undefined : parseLocalInstant(value, 'UTC')
  if (instant && instant.milliseconds <= now.getTime()) return new Date(instant.milliseconds)
  throw fault(path, 'send `at` as an instant that is over, with its offset: `2026-05-03T10:00:00+02:00`')
}

const LANGUAGES = ['da', 'nb', 'en'] as const

function languageOf({ parameter, path }: Given): Language {
  const language = LANGUAGES.find((known) => known === parameter.valueCode)
  if (language) return language
  throw fault(
    `${path}.valueCode`,
    `found ${describeCode(parameter.valueCode)}; send \`da\`, \`nb\` or \`en\``,
    'code-unknown',
  )
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-accept-language: the first that we write, in the order of preference. */
export function languageAccepted(header: string | undefined): Language {
  const asked = (header ?? '')
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().toLowerCase().split(';')
      const q = Number(/^q=([01](?:\.\d{1,3})?)$/.exec(parameters.join('').trim())?.[1] ?? '1')
      return { primary: tag.split('-')[0] ?? '', q }
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
  for (const { primary } of asked) {
    // Norwegian without saying which, and nynorsk, are read in bokmål.
    const language = LANGUAGES.find(
      (known) => known === (primary === 'no' || primary === 'nn' ? 'nb' : primary),
    )
    if (language) return language
  }
  return 'en'
}

function fault(expression: string, text: string, code: ErrorCode = 'field-invalid'): GatewayError {
  return new GatewayError({ code, expression, text })
}
