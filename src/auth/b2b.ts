/**
 * `extensions.hl7-b2b` of a UDAP assertion: for which organisation and for what purpose. Read strictly: what was ignored
 * would be a limit that the client believes in and nobody keeps. https://hl7.org/fhir/us/udap-security/b2b.html#b2b-authorization-extension-object
 */
import type { Client } from './client.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import type { RefusalReason } from './oauth-refusal.ts'
import { profiles } from './profiles.ts'
import { isRecord } from './public-key.ts'

export interface B2b {
  /** As the client wrote it; it names the client's own organisation. */
  readonly organizationId: string
  /** v3-ActReason codes, all of them registered. */
  readonly purposeOfUse: readonly string[]
  /** Where the paper is. Nothing is decided by it: it goes into the log. */
  readonly consentReferences: readonly string[]
}

export const B2B = 'hl7-b2b'

/** Members that name a person or a policy are checked for their form and go no further. */
const MEMBERS = [
  'version',
  'subject_name',
  'subject_id',
  'subject_role',
  'organization_name',
  'organization_id',
  'purpose_of_use',
  'consent_policy',
  'consent_reference',
] as const
const LISTS: ReadonlySet<string> = new Set(['purpose_of_use', 'consent_policy', 'consent_reference'])

/** Both names of HL7's v3-ActReason; a purpose of another system is none that a registration has. */
const PURPOSE =
  /^(?:urn:oid:2\.16\.840\.1\.113883\.5\.8|http:\/\/terminology\.hl7\.org\/CodeSystem\/v3-ActReason)#([A-Z]{1,16})$/
const MAX_VALUES = 10
const MAX_CHARS = 512

/** Undefined for a profile that has none. @throws OAuthRefusal */
export function readB2b(extensions: unknown, client: Client, issuer: string): B2b | undefined {
  const sent = isRecord(extensions) ? extensions : undefined
  if (profiles[client.profile].b2b === 'refused') {
    if (sent !== undefined && B2B in sent) {
      const text = 'the assertion has `extensions.hl7-b2b`, which your profile does not read: leave it out'
      throw new OAuthRefusal('b2b-unsupported', text, client.id)
    }
    return undefined
  }
  const b2b = sent?.[B2B]
  if (b2b === undefined)
    throw refused(client, 'b2b-missing', 'the assertion has no `extensions.hl7-b2b`: send it')
  const other = Object.keys(sent ?? {}).some((name) => name !== B2B)
  if (other)
    throw refused(client, 'b2b-unsupported', 'of `extensions`, `hl7-b2b` alone is read: leave out the others')
  return readObject(b2b, client, issuer)
}

function readObject(b2b: unknown, client: Client, issuer: string): B2b {
  if (!isRecord(b2b) || !hasForm(b2b)) {
    const text = `\`extensions.hl7-b2b\` must be an object of \`${MEMBERS.join('`, `')}\`, texts of up to ${MAX_CHARS} characters and lists of 1 to ${MAX_VALUES}`
    throw refused(client, 'b2b-invalid', text)
  }
  if (b2b['version'] !== '1') throw refused(client, 'b2b-invalid', '`hl7-b2b.version` must be `1`')
  const { organization_id: organizationId } = b2b
  if (typeof organizationId !== 'string' || !organizationUris(client, issuer).has(organizationId)) {
    const text =
      '`hl7-b2b.organization_id` does not name the organisation that your client is registered with'
    throw refused(client, 'b2b-organization', text)
  }
  return {
    organizationId,
    purposeOfUse: readPurposes(listOf(b2b['purpose_of_use']), client),
    consentReferences: readReferences(listOf(b2b['consent_reference']), client),
  }
}

function hasForm(b2b: Readonly<Record<string, unknown>>): boolean {
  const known: readonly string[] = MEMBERS
  return Object.entries(b2b).every(
    ([name, value]) => known.includes(name) && (LISTS.has(name) ? isList(value) : isText(value)),
  )
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= MAX_VALUES && value.every(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_CHARS
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isText) : []
}

/** All of them or none: a purpose left out would be one that the client thinks it asked with. */
function readPurposes(sent: readonly string[], client: Client): readonly string[] {
  const codes = sent.map((purpose) => PURPOSE.exec(purpose)?.[1])
  const known = codes.filter((code) => code !== undefined && client.purposeOfUse.includes(code))
  if (sent.length === 0 || known.length < codes.length) {
    const text =
      '`hl7-b2b.purpose_of_use` must be one or more of your registered purposes, written as `urn:oid:2.16.840.1.113883.5.8#TREAT`'
    throw refused(client, 'b2b-purpose', text)
  }
  return [...new Set(known.filter((code) => code !== undefined))]
}

/** They stand in the log, where no national id may: six digits in a row may be the start of one, unless in a UUID. */
function readReferences(sent: readonly string[], client: Client): readonly string[] {
  const unusable = sent.some((reference) => {
    const url = URL.parse(reference)
    const bare = reference.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '')
    return (
      !/^[\x21-\x7e]+$/.test(reference) ||
      url?.protocol !== 'https:' ||
      url.username !== '' ||
      url.search !== '' ||
      /\d{6}/.test(bare.replaceAll(/[-.%]/g, ''))
    )
  })
  if (unusable) {
    const text =
      '`hl7-b2b.consent_reference` must be `https:` URLs without query, with a UUID where an id is needed: they stand in the log'
    throw refused(client, 'b2b-invalid', text)
  }
  return sent
}

/** By our id, and by each number of the registry as a URI: `system#value`, and `system.value` of an OID. */
function organizationUris(
  { organizationId, organizationIdentifiers = [] }: Client,
  issuer: string,
): Set<string> {
  return new Set([
    `urn:uuid:${organizationId}`,
    `${issuer}/fhir/Organization/${organizationId}`,
    ...organizationIdentifiers.flatMap(({ system, value }) => [
      `${system}#${value}`,
      ...(system.startsWith('urn:oid:') && /^(?:0|[1-9]\d*)$/.test(value) ? [`${system}.${value}`] : []),
      ...(system === 'urn:ietf:rfc:3986' ? [value] : []),
    ]),
  ])
}

function refused({ id }: Client, reason: RefusalReason, text: string): OAuthRefusal {
  return new OAuthRefusal(reason, text, id)
}
