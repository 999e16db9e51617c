/**
 * What shows that the consent was given: the signed document or the entry in the journal, who holds it, and when it was.
 * The document itself stays where it is kept; here are its hash and its place. Sundhedsloven 42, 44(1).
 */
import type { Attachment, Consent, DocumentReference } from '@medplum/fhirtypes'
import { isBefore, parseLocalInstant, parsePointInTime } from '#consent/instant.ts'
import { ORAL_REASON } from '#consent/written-form.ts'
import { describeCode, type Fault } from '#fhir/gateway-error.ts'
import type { CaptureContext } from './capture-context.ts'

/** How it was given, among the categories: `written` or `oral`. */
export const CONSENT_FORM = 'https://sluse.example/fhir/CodeSystem/consent-form'

const LEGAL_BASIS = 'https://sluse.example/fhir/CodeSystem/legal-basis'

/** Sundhedsloven 44(1): in writing, or orally for a reason that is told. */
const WRITTEN_BASES: ReadonlySet<string | undefined> = new Set(['SUL-43-1'])

/** Clocks of two systems are never quite the same. */
const SKEW_MS = 5 * 60_000

/** Base64 of SHA-1, which is what R4 keeps in `Attachment.hash`. https://hl7.org/fhir/R4/datatypes.html#Attachment */
const HASH = /^[A-Za-z0-9+/]{27}=$/

export function evidenceFaults(consent: Consent, context: CaptureContext): Fault[] {
  const form = formOf(consent)
  return [
    ...form.faults,
    ...givenFaults(consent, context),
    ...(consent.organization?.length
      ? []
      : [
          missing(
            'Consent.organization',
            'no organisation is named that holds the consent and answers for it: name the unit that took it',
          ),
        ]),
    ...sourceFaults(consent, form.oral),
    ...(form.oral && needsWriting(consent) && !hasOralReason(consent)
      ? [
          missing(
            'Consent.extension',
            `this consent should be in writing: say why it was given orally in the extension \`${ORAL_REASON}\``,
          ),
        ]
      : []),
  ]
}

function missing(expression: string, text: string): Fault {
  return { code: 'field-missing', expression, text }
}

function invalid(expression: string, text: string): Fault {
  return { code: 'field-invalid', expression, text }
}

function formOf({ category }: Consent): { readonly oral: boolean; readonly faults: readonly Fault[] } {
  const found = category.flatMap(({ coding }, index) =>
    (coding ?? []).flatMap(({ system, code }) => (system === CONSENT_FORM ? [{ code, index }] : [])),
  )
  const unknown = found.filter(({ code }) => code !== 'written' && code !== 'oral')
  return {
    oral: found.some(({ code }) => code === 'oral'),
    faults: unknown.map(({ code, index }) => ({
      code: 'code-unknown',
      expression: `Consent.category[${index}]`,
      text: `found ${describeCode(code)}; send \`written\` or \`oral\``,
    })),
  }
}

/** Its age counts from here, and whether who gave it was old enough. */
function givenFaults({ dateTime }: Consent, { now, timeZone }: CaptureContext): Fault[] {
  const at = parseLocalInstant(now, timeZone)
  const given = parsePointInTime(dateTime ?? '')
  if (!at || !given)
    return [missing('Consent.dateTime', 'nothing says when the consent was given: send the day, or the time')]
  return isBefore({ ...at, milliseconds: at.milliseconds + SKEW_MS }, given)
    ? [invalid('Consent.dateTime', 'the consent is given later than now: correct the time, or send it then')]
    : []
}

function sourceFaults(consent: Consent, oral: boolean): Fault[] {
  const { sourceAttachment, sourceReference } = consent
  if (sourceAttachment) return attachmentFaults(sourceAttachment, 'Consent.source', oral)
  if (!sourceReference)
    return [
      missing(
        'Consent.source',
        'there is no evidence of the consent: contain a DocumentReference of the signed document, or of the entry in the journal, and refer to it',
      ),
    ]
  const index = (consent.contained ?? []).findIndex(({ id = '' }) => sourceReference.reference === `#${id}`)
  const document = consent.contained?.[index]
  if (document?.resourceType !== 'DocumentReference')
    return [
      invalid(
        'Consent.source',
        'the evidence is not in the consent: contain a DocumentReference and refer to it by `#` and its id; what is kept elsewhere it names in `identifier`',
      ),
    ]
  return documentFaults(document, `Consent.contained[${index}]`, oral)
}

function documentFaults(document: DocumentReference, path: string, oral: boolean): Fault[] {
  return [
    ...(document.status === 'current'
      ? []
      : [
          invalid(
            `${path}.status`,
            `found ${describeCode(document.status)}; evidence is a document that is \`current\``,
          ),
        ]),
    ...(oral && !document.authenticator
      ? [missing(`${path}.authenticator`, 'nobody is named who heard the consent: name the witness')]
      : []),
    ...document.content.flatMap(({ attachment }, index) =>
      attachmentFaults(attachment, `${path}.content[${index}].attachment`, oral),
    ),
  ]
}

function attachmentFaults(attachment: Attachment, path: string, oral: boolean): Fault[] {
  const { data, hash, contentType, creation } = attachment
  return [
    ...(data === undefined
      ? []
      : [
          invalid(
            `${path}.data`,
            'the document stays with who holds it: send its `hash` and where it is kept, not its bytes',
          ),
        ]),
    // What was said has no bytes: of an oral consent the entry in the journal is named, and who heard it.
    ...(oral || hash !== undefined
      ? []
      : [missing(`${path}.hash`, 'the signed document has no hash: send the SHA-1 of its bytes in base64')]),
    ...(hash === undefined || HASH.test(hash)
      ? []
      : [invalid(`${path}.hash`, 'the hash is no SHA-1: send the base64 of its 20 bytes')]),
    ...(oral || contentType !== undefined
      ? []
      : [
          missing(
            `${path}.contentType`,
            'the signed document has no type: send one, such as `application/pdf`',
          ),
        ]),
    ...(creation === undefined
      ? [missing(`${path}.creation`, 'nothing says when the evidence was made: send the day, or the time')]
      : []),
  ]
}

function needsWriting({ policyRule }: Consent): boolean {
  return (policyRule?.coding ?? []).some(
    ({ system, code }) => system === LEGAL_BASIS && WRITTEN_BASES.has(code),
  )
}

function hasOralReason({ extension }: Consent): boolean {
  return (extension ?? []).some(
    ({ url, valueString, valueCodeableConcept }) =>
      url === ORAL_REASON &&
      [valueString, valueCodeableConcept?.coding?.[0]?.code].some((said) => (said ?? '').trim() !== ''),
  )
}
