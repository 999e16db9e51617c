/**
 * An audit entry as a FHIR AuditEvent, after IHE BALP (https://profiles.ihe.net/ITI/BALP/). Rendered when it is read: the
 * entry's canonical bytes are what is stored and hashed.
 */
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from '@medplum/fhirtypes'
import type { AuditEntry } from './audit-row.ts'

const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
const REST = 'http://hl7.org/fhir/restful-interaction'
const SUBTYPE = 'https://sluse.example/fhir/CodeSystem/audit-subtype'
export const AUDIT_ENTITY = 'https://sluse.example/fhir/CodeSystem/audit-entity'
export const LEAF_HASH = 'https://sluse.example/fhir/StructureDefinition/audit-leaf-hash'

export interface RecordedEntry {
  readonly entry: AuditEntry
  /** Database time. */
  readonly recorded: string
  /** Hexadecimal. */
  readonly leafHash: string
}

export interface RenderContext {
  /** The gateway as a system: `https://sluse.example/fhir`. */
  readonly observer: string
  /** Names of organisations that the reader may know: its own and those it exchanged with. */
  readonly nameOf: (organizationId: string) => string | undefined
  /** One sentence for a privacy officer. */
  readonly sentenceOf: (entry: AuditEntry) => string | undefined
}

export function renderAuditEvent(
  { entry, recorded, leafHash }: RecordedEntry,
  context: RenderContext,
): AuditEvent {
  const made = entities(entry)
  return {
    resourceType: 'AuditEvent',
    id: entry.id,
    extension: [{ url: LEAF_HASH, valueString: leafHash }],
    ...kindOf(entry),
    recorded,
    outcome: entry.outcome === 'success' ? '0' : entry.outcome === 'refused' ? '8' : '12',
    ...outcomeText(entry, context),
    ...purposes(entry),
    agent: agents(entry, context),
    source: {
      observer: { display: context.observer },
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '4',
          display: 'Application Server',
        },
      ],
    },
    ...(made.length > 0 ? { entity: made } : {}),
  }
}

/** https://hl7.org/fhir/R4/valueset-audit-event-action.html */
const actions = { create: 'C', update: 'U', patch: 'U', delete: 'D', batch: 'E' } as const

function isWrite(interaction: string | undefined): interaction is keyof typeof actions {
  return interaction !== undefined && Object.hasOwn(actions, interaction)
}

function kindOf(entry: AuditEntry): Pick<AuditEvent, 'type' | 'subtype' | 'action'> {
  const rest: Coding = {
    system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
    code: 'rest',
    display: 'RESTful Operation',
  }
  // FHIR has one code for all operations; ours say which it was.
  const operation = /^\$(.+)$/.exec(entry.interaction ?? '')?.[1]
  const interaction = operation
    ? { system: SUBTYPE, code: operation }
    : { system: REST, code: entry.interaction ?? 'unknown' }
  switch (entry.kind) {
    case 'accept':
    case 'refuse':
      if (operation) return { type: rest, subtype: [interaction], action: 'U' }
      return isWrite(entry.interaction)
        ? { type: rest, subtype: [interaction], action: actions[entry.interaction] }
        : {
            type: { system: DCM, code: '110107', display: 'Import' },
            subtype: [{ system: SUBTYPE, code: entry.interaction ?? 'message' }],
            action: 'C',
          }
    case 'disclose':
      if (entry.effect !== 'permit') {
        return {
          type: { system: DCM, code: '110113', display: 'Security Alert' },
          subtype: [
            { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType', code: 'AuthZ-Consent' },
            ...(entry.interaction === 'notification' ? [] : [interaction]),
          ],
          action: 'E',
        }
      }
      return entry.interaction === 'notification'
        ? {
            type: { system: DCM, code: '110106', display: 'Export' },
            subtype: [
              { system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle', code: 'disclose' },
            ],
            action: 'R',
          }
        : { type: rest, subtype: [interaction], action: 'R' }
    case 'recall':
      return {
        type: { system: DCM, code: '110106', display: 'Export' },
        subtype: [{ system: SUBTYPE, code: 'recall' }],
        action: 'R',
      }
    case 'search':
    case 'audit-read':
    case 'decide':
      return { type: rest, subtype: [interaction], action: 'E' }
    case 'directory':
      return {
        type: rest,
        subtype: [interaction],
        action: DIRECTORY_ACTION.get(entry.interaction ?? '') ?? 'E',
      }
    case 'work-item':
      return { type: rest, subtype: [interaction], action: entry.interaction === 'update' ? 'U' : 'E' }
    case 'override':
      return {
        type: { system: DCM, code: '110113', display: 'Security Alert' },
        subtype: [{ system: DCM, code: '110127', display: 'Emergency Override Started' }],
        action: 'E',
      }
    case 'token':
      return {
        type: { system: DCM, code: '110114', display: 'User Authentication' },
        subtype: [
          entry.interaction === 'introspect' || entry.interaction === 'revoke'
            ? { system: SUBTYPE, code: entry.interaction }
            : { system: 'urn:ihe:event-type-code', code: 'ITI-71' },
        ],
        action: 'E',
      }
    case 'person-link':
      return {
        type: { system: DCM, code: '110110', display: 'Patient Record' },
        subtype: [{ system: SUBTYPE, code: entry.interaction ?? 'person-link' }],
        action: 'U',
      }
    case 'registry-change':
      return {
        type: { system: DCM, code: '110113', display: 'Security Alert' },
        subtype: [
          { system: SUBTYPE, code: 'registry-change' },
          ...(entry.registered?.type === 'Client'
            ? [{ system: DCM, code: '110137', display: 'User security Attributes Changed' }]
            : []),
        ],
        action: entry.interaction === 'create' ? 'C' : 'U',
      }
    case 'subscribe':
      return {
        type: rest,
        subtype: [interaction],
        action: entry.interaction === 'create' ? 'C' : entry.interaction === 'delete' ? 'D' : 'U',
      }
  }
}

const DIRECTORY_ACTION: ReadonlyMap<string, NonNullable<AuditEvent['action']>> = new Map([
  ['create', 'C'],
  ['read', 'R'],
  ['update', 'U'],
  ['delete', 'D'],
])

function outcomeText(entry: AuditEntry, { sentenceOf }: RenderContext): Pick<AuditEvent, 'outcomeDesc'> {
  if (!entry.reason) return {}
  const sentence = sentenceOf(entry)
  return { outcomeDesc: sentence ? `${entry.reason}: ${sentence}` : entry.reason }
}

function agents(entry: AuditEntry, { nameOf }: RenderContext): AuditEventAgent[] {
  const made: AuditEventAgent[] = []
  if (entry.operator) {
    made.push({
      type: { coding: [{ system: DCM, code: '110151', display: 'Application Launcher' }] },
      who: {
        identifier: { system: 'https://sluse.example/fhir/NamingSystem/operator', value: entry.operator },
      },
      requestor: true,
    })
    return made
  }
  if (entry.client) {
    made.push({
      type: { coding: [{ system: DCM, code: '110150', display: 'Application' }] },
      who: {
        identifier: { system: 'https://sluse.example/fhir/NamingSystem/client-id', value: entry.client },
      },
      requestor: true,
      ...(entry.token !== undefined && { policy: [`urn:ietf:params:oauth:jti:${entry.token}`] }),
    })
  }
  const roles: readonly (readonly [string | undefined, Coding])[] = [
    [entry.custodian, { system: DCM, code: '110153', display: 'Source Role ID' }],
    [entry.recipient, { system: DCM, code: '110152', display: 'Destination Role ID' }],
    [
      entry.custodian || entry.recipient ? undefined : entry.organization,
      { system: 'http://terminology.hl7.org/CodeSystem/v3-RoleClass', code: 'PROV' },
    ],
  ]
  for (const [id, type] of roles) {
    if (!id) continue
    const name = nameOf(id)
    made.push({
      type: { coding: [type] },
      who: { reference: `Organization/${id}`, ...(name ? { display: name } : {}) },
      requestor: made.length === 0,
    })
  }
  // AuditEvent.agent is 1..*: a token request of nobody we know still has one.
  return made.length > 0 ? made : [{ who: { display: 'unknown' }, requestor: true }]
}

function entities(entry: AuditEntry): AuditEventEntity[] {
  const made: AuditEventEntity[] = []
  if (entry.subject) {
    made.push({
      what: { reference: `Patient/${entry.subject}` },
      type: {
        system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
        code: '1',
        display: 'Person',
      },
      role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1', display: 'Patient' },
    })
  }
  for (const { type, id, version } of entry.resources ?? []) {
    made.push({
      what: { reference: `${type}/${id}${version ? `/_history/${version}` : ''}` },
      type: {
        system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
        code: '2',
        display: 'System Object',
      },
      role: {
        system: 'http://terminology.hl7.org/CodeSystem/object-role',
        code: '4',
        display: 'Domain Resource',
      },
      ...(entry.withheld?.length
        ? { detail: entry.withheld.map((path) => ({ type: 'withheld', valueString: path })) }
        : {}),
    })
  }
  for (const { consent, version, provision } of entry.basis ?? []) {
    made.push({
      what: { reference: `Consent/${consent}/_history/${version}` },
      type: { system: 'http://hl7.org/fhir/resource-types', code: 'Consent', display: 'Consent' },
      detail: [{ type: 'provision', valueString: provision }],
    })
  }
  if (entry.registered) made.push(...registeredEntities(entry.registered, entry.organization))
  if (entry.subscription) {
    made.push({
      what: { reference: `Subscription/${entry.subscription}` },
      type: { system: 'http://hl7.org/fhir/resource-types', code: 'Subscription', display: 'Subscription' },
    })
  }
  if (entry.override) {
    made.push({
      what: { identifier: { value: entry.override.id } },
      type: { system: AUDIT_ENTITY, code: 'override', display: 'Break-glass' },
      detail: [{ type: 'ground', valueString: entry.override.ground }],
    })
  }
  if (entry.inputsHash) {
    made.push({
      what: { identifier: { value: entry.inputsHash } },
      type: { system: AUDIT_ENTITY, code: 'inputs-hash', display: 'Inputs of a decision' },
    })
  }
  if (entry.requestId) {
    made.push({
      what: { identifier: { value: entry.requestId } },
      type: {
        system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
        code: 'XrequestId',
      },
    })
  }
  return made
}

/** What was registered, with each field that changed; of a client also whose it is. */
function registeredEntities(
  { type, id, fields }: NonNullable<AuditEntry['registered']>,
  organization: string | undefined,
): AuditEventEntity[] {
  const changed: AuditEventEntity = {
    what:
      type === 'Organization'
        ? { reference: `Organization/${id}` }
        : { identifier: { system: 'https://sluse.example/fhir/NamingSystem/client-id', value: id } },
    type: { system: AUDIT_ENTITY, code: type === 'Organization' ? 'organization' : 'client' },
    detail: fields.map(({ name, before, after }) => ({
      type: name,
      valueString: `${before ?? 'nothing'} → ${after ?? 'nothing'}`,
    })),
  }
  return type === 'Client' && organization
    ? [changed, { what: { reference: `Organization/${organization}` } }]
    : [changed]
}

/** Broken glass is a purpose of its own on the citizen's timeline. */
function purposes({ purposeOfUse = [], override }: AuditEntry): Pick<AuditEvent, 'purposeOfEvent'> {
  const codes = [...new Set([...purposeOfUse, ...(override ? ['BTG'] : [])])]
  return codes.length > 0 ? { purposeOfEvent: codes.map(purpose) } : {}
}

function purpose(code: string) {
  return { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code }] }
}
