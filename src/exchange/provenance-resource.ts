/**
 * Where a version of a record comes from, as FHIR Provenance: made when it is asked for, of what was stored with the version.
 * https://hl7.org/fhir/R4/provenance.html
 */
import type { Provenance } from '@medplum/fhirtypes'
import type { VersionOrigin } from '#store/version-origins.ts'
import type { Disclosure } from './disclose.ts'
import type { RecordVersion } from './disclosure-request.ts'
import { isUuid } from './is-uuid.ts'

const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type'
const DATA_OPERATION = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation'
const CLIENT = 'https://sluse.example/fhir/NamingSystem/client-id'
const MESSAGE = 'https://sluse.example/fhir/NamingSystem/message-id'

/** What lets a Provenance out: its version was released to the reader just now, or is the reader's own deletion. */
export type Shown = Disclosure | 'own-deletion'

export interface ProvenancedVersion extends RecordVersion {
  readonly lastUpdated: Date
}

/** `origin` is given to the custodian alone: whether a version was the first would tell others of one that is hidden. */
export function provenanceOf(
  version: ProvenancedVersion,
  _shown: Shown,
  origin: VersionOrigin | undefined,
): Provenance {
  const custodian = { reference: `Organization/${version.custodian}` }
  const recorded = version.lastUpdated.toISOString()
  return {
    resourceType: 'Provenance',
    id: provenanceId(version),
    meta: { lastUpdated: recorded },
    target: [{ reference: `${version.resourceType}/${version.id}/_history/${version.versionId}` }],
    recorded,
    ...(origin
      ? { activity: { coding: [{ system: DATA_OPERATION, code: OPERATION[origin.interaction] }] } }
      : {}),
    agent: [
      { type: { coding: [{ system: PARTICIPANT, code: 'custodian' }] }, who: custodian },
      ...(origin?.clientId === undefined
        ? []
        : [
            {
              type: { coding: [{ system: PARTICIPANT, code: 'assembler' }] },
              who: { type: 'Device' as const, identifier: { system: CLIENT, value: origin.clientId } },
              onBehalfOf: custodian,
            },
          ]),
    ],
    ...(origin?.messageId === undefined
      ? {}
      : {
          entity: [
            {
              role: 'source' as const,
              what: { identifier: { system: MESSAGE, value: origin.messageId } },
            },
          ],
        }),
  }
}

const OPERATION = { create: 'CREATE', update: 'UPDATE', delete: 'DELETE' } as const

/** Both ids are random, and that of a hidden version is told to nobody: so is its Provenance's. 64 characters, the most that FHIR takes. */
function provenanceId({ id, versionId }: RecordVersion): string {
  return `${id}${versionId}`.replaceAll('-', '')
}

export function versionIn(name: string | undefined): { id: string; versionId: string } | undefined {
  const [, id, versionId] = /^([0-9a-f]{32})([0-9a-f]{32})$/.exec(name ?? '') ?? []
  if (id === undefined || versionId === undefined) return undefined
  const named = { id: dashed(id), versionId: dashed(versionId) }
  return isUuid(named.id) && isUuid(named.versionId) ? named : undefined
}

function dashed(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
