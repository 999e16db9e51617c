/** Practitioner and PractitionerRole: read and searched by every registered client, written by the employer. https://hl7.org/fhir/R4/practitionerrole.html */
import type { OperationOutcome } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import {
  type DirectoryContent,
  type DirectoryEntry,
  type DirectoryType,
  emptyDirectoryEntry,
  findDirectoryEntry,
  lockDirectoryEntry,
  putDirectoryEntry,
  searchDirectory,
} from '#store/directory.ts'
import { notFound } from './access.ts'
import type { Answer } from './answer.ts'
import { asPreferred, type Written } from './as-preferred.ts'
import type { Call, Exchange } from './call.ts'
import { directoryEntryOf } from './directory-audit.ts'
import { readDirectoryContent } from './directory-content.ts'
import { directoryPage } from './directory-page.ts'
import { requireOwnStaff } from './directory-references.ts'
import { readDirectorySearch } from './directory-search.ts'
import { directoryTerms } from './directory-terms.ts'
import { readIfMatch } from './if-match.ts'
import { isUuid } from './is-uuid.ts'
import { readResourceBody, requireSameId } from './resource-body.ts'

type Run = (exchange: Exchange, call: Call) => Promise<Answer>

export function readDirectory(type: DirectoryType): Run {
  return async (exchange, call) => {
    const { id } = call
    if (!isUuid(id)) throw notFound()
    return exchange.database.transaction(async (tx) => {
      const found = await findDirectoryEntry(tx, type, id)
      const read = { id, ...(found ? { versionId: found.versionId } : {}) }
      await appendAudit(tx, [auditRow(directoryEntryOf(exchange, call, 'read', read))])
      if (!found) return { status: 404, nonClinical: notFound().outcome }
      return entryAnswer(found)
    })
  }
}

export function searchDirectoryOf(type: DirectoryType): Run {
  return async (exchange, call) => {
    const { query, count, understood } = readDirectorySearch(call, type)
    return exchange.database.transaction(async (tx) => {
      const found = await searchDirectory(tx, type, { ...query, limit: count + 1 })
      await appendAudit(tx, [auditRow(directoryEntryOf(exchange, call, 'search-type'))])
      const bundle = directoryPage(exchange, call, found.map(shown), { count, understood })
      return { status: 200, nonClinical: bundle }
    })
  }
}

export function createDirectory(type: DirectoryType): Run {
  return async (exchange, call) => {
    const entry = readDirectoryContent(exchange.validator, readResourceBody(call), type)
    return exchange.database.transaction((tx) =>
      store(tx, exchange, call, { type, id: exchange.newId(), interaction: 'create', ...entry }),
    )
  }
}

/** Also as create, under an id of the sender's: https://hl7.org/fhir/R4/http.html#upsert */
export function updateDirectory(type: DirectoryType): Run {
  return async (exchange, call) => {
    const { id } = call
    if (!isUuid(id)) {
      throw new GatewayError({
        code: 'parameter-invalid',
        expression: 'id',
        text: 'the id in the path must be a lower-case UUID that your system made; or POST and take ours',
      })
    }
    const sent = readResourceBody(call)
    requireSameId(sent, id)
    const entry = readDirectoryContent(exchange.validator, sent, type)
    const ifMatch = readIfMatch(call)
    return exchange.database.transaction(async (tx) => {
      const holder = await lockDirectoryEntry(tx, id)
      requireHolder(holder, call, type)
      if (ifMatch !== undefined && (holder?.deleted !== false || holder.versionId !== ifMatch))
        throw conflict()
      const interaction = holder?.deleted === false ? 'update' : 'create'
      return store(tx, exchange, call, { type, id, interaction, ...entry })
    })
  }
}

export function deleteDirectory(type: DirectoryType): Run {
  return async (exchange, call) => {
    const { id } = call
    if (!isUuid(id)) throw notWritable()
    const ifMatch = readIfMatch(call)
    return exchange.database.transaction(async (tx) => {
      const holder = await lockDirectoryEntry(tx, id)
      if (!holder || holder.deleted) throw notWritable()
      requireHolder(holder, call, type)
      if (ifMatch !== undefined && holder.versionId !== ifMatch) throw conflict()
      await requireNoRole(tx, type, id)
      const versionId = exchange.newId()
      await emptyDirectoryEntry(tx, id, versionId)
      await appendAudit(tx, [auditRow(directoryEntryOf(exchange, call, 'delete', { id, versionId }))])
      return { status: 204, empty: true }
    })
  }
}

interface Write {
  readonly type: DirectoryType
  readonly id: string
  readonly interaction: 'create' | 'update'
  readonly content: DirectoryContent
  readonly left: readonly string[]
}

async function store(
  tx: Transaction,
  exchange: Exchange,
  call: Call,
  { type, id, interaction, content: sent, left }: Write,
): Promise<Answer> {
  const { organizationId } = call.requester
  const content = await requireOwnStaff(tx, sent, organizationId)
  const versionId = exchange.newId()
  const entry = { resourceType: type, id, versionId, content: { ...content, id } } as const
  const recorded = await putDirectoryEntry(tx, entry, organizationId, directoryTerms(content))
  // Another one was faster with the same new id.
  if (!recorded) throw notWritable()
  await appendAudit(tx, [auditRow(directoryEntryOf(exchange, call, interaction, { id, versionId }))])
  const written: Written = {
    status: interaction === 'create' ? 201 : 200,
    headers: {
      Location: `${exchange.fhirBase}/${type}/${id}/_history/${versionId}`,
      ETag: `W/"${versionId}"`,
      'Last-Modified': recorded.toUTCString(),
    },
    nonClinical: outcomeOf(`${interaction}d ${type}/${id}, version ${versionId}`, left),
  }
  return asPreferred(call, written, async () => ({ nonClinical: shown({ ...entry, lastUpdated: recorded }) }))
}

function outcomeOf(done: string, left: readonly string[]): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'information',
        code: 'informational',
        diagnostics: `${done}; every registered organisation may read it`,
      },
      ...left.map((path) => ({
        severity: 'warning' as const,
        code: 'business-rule' as const,
        diagnostics:
          'not stored: the directory keeps what public registers and door plates say, nothing of anybody’s own life',
        expression: [path],
      })),
    ],
  }
}

/** A version of an entry, the current one or an earlier. */
export function entryAnswer(entry: DirectoryEntry): Answer {
  const { versionId, lastUpdated } = entry
  const headers = { ETag: `W/"${versionId}"`, 'Last-Modified': lastUpdated.toUTCString() }
  return { status: 200, headers, nonClinical: shown(entry) }
}

export function shown({ content, versionId, lastUpdated }: DirectoryEntry): DirectoryContent {
  return { ...content, meta: { versionId, lastUpdated: lastUpdated.toISOString() } }
}

function requireHolder(
  holder: Awaited<ReturnType<typeof lockDirectoryEntry>>,
  { requester }: Call,
  type: DirectoryType,
): void {
  if (holder && (holder.organizationId !== requester.organizationId || holder.resourceType !== type))
    throw notWritable()
}

/** The person's row is locked, and whoever adds a role shares it: none can come in between. */
async function requireNoRole(tx: Transaction, type: DirectoryType, id: string): Promise<void> {
  if (type !== 'Practitioner') return
  const query = { clauses: [[`practitioner=Practitioner/${id}`]], names: [], limit: 1 }
  if ((await searchDirectory(tx, 'PractitionerRole', query)).length === 0) return
  throw new GatewayError({
    code: 'directory-entry-in-use',
    text: 'the person still has a PractitionerRole: delete the roles first',
  })
}

function conflict(): GatewayError {
  return new GatewayError({
    code: 'version-conflict',
    text: 'the version in `If-Match` is not the current one: read the resource again, merge your change and send it with the new ETag',
  })
}

function notWritable(): GatewayError {
  return new GatewayError({ code: 'not-found', text: 'there is no resource with this id that you may write' })
}
