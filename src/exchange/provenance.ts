/**
 * Read and search of Provenance. INVARIANT: of a version, it leaves only if that version is released to the reader at this moment,
 * by `disclose.ts` and with its audit row; so there is nothing here that a `vread` would not tell.
 */
import type { Bundle, Provenance } from '@medplum/fhirtypes'
import { type AuditEntry, auditRow } from '#audit/audit-row.ts'
import { allows } from '#auth/scopes.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import { findResource } from '#store/resources.ts'
import { originsOf, typeOfResource } from '#store/version-origins.ts'
import { findHolder, findVersion, historyOf, type StoredVersion } from '#store/versions.ts'
import { absent, accessOf } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { cursorTo, readCursor } from './cursor.ts'
import { disclose, disclosePage, type DisclosureRequest, mayHave } from './disclose.ts'
import { ordinaryPurposes } from './override-use.ts'
import { type ProvenancedVersion, provenanceOf, type Shown, versionIn } from './provenance-resource.ts'
import { type ProvenanceSearch, readProvenanceSearch } from './provenance-request.ts'
import { withinScope } from './within-scope.ts'

export async function readProvenance(exchange: Exchange, call: Call): Promise<Answer> {
  const named = versionIn(call.id)
  if (!named) return absent()
  return exchange.database.transaction(async (tx) => {
    const resourceType = await typeOfResource(tx, named.id)
    if (resourceType === undefined || !allows(call.requester.scopes, resourceType, 'r')) return absent()
    const access = accessOf(exchange, call, 'read')
    const [found] = await ofOneVersion(tx, exchange, access, { resourceType, ...named })
    return found ? { status: 200, nonClinical: found } : absent()
  })
}

export async function searchProvenance(exchange: Exchange, call: Call): Promise<Answer> {
  const asked = readProvenanceSearch(call)
  const { target, count, self } = asked
  const use = {
    seal: exchange.seal,
    requester: call.requester,
    resourceType: 'Provenance',
    question: [self],
  }
  const after = readCursor(asked.cursor, use)
  return exchange.database.transaction(async (tx) => {
    // Whatever its search letter, a client learns here of what it may read.
    const access = {
      ...accessOf(exchange, call, 'search-type'),
      withinScope: withinScope(call.requester.scopes, 'r'),
    }
    const { versionId } = target
    const page =
      versionId === undefined
        ? await ofAllVersions(tx, exchange, access, { target, count, after })
        : { found: await ofOneVersion(tx, exchange, access, { ...target, versionId }) }
    await appendAudit(tx, [auditRow(searchEntry(exchange, call))])
    const next = page.next && `${self}&_cursor=${cursorTo(page.next, use)}`
    return { status: 200, nonClinical: bundleOf(exchange, page.found, self, next) }
  })
}

interface Page {
  readonly found: readonly Provenance[]
  readonly next?: Parameters<typeof cursorTo>[0]
}

/** As `vread` decides: whoever may not have the record as it is now has no earlier version of it. */
async function ofOneVersion(
  tx: Transaction,
  exchange: Exchange,
  access: DisclosureRequest,
  named: { readonly resourceType: string; readonly id: string; readonly versionId: string },
): Promise<readonly Provenance[]> {
  const [version, current] = await Promise.all([
    findVersion(tx, named, access.recipientId),
    findResource(tx, named.resourceType, named.id),
  ])
  if (!version) return []
  const isOwn = factsOf(version).custodian === access.recipientId
  if ('deleted' in version)
    return isOwn ? rendered(tx, access, [{ version: version.deleted, shown: 'own-deletion' }]) : []
  if (!current && !isOwn) return []
  const isCurrent = current?.versionId === named.versionId
  if (current && !isCurrent && !(await mayHave(tx, exchange, access, current))) return []
  const [judged] = await disclose(tx, exchange, access, [version.stored])
  return judged?.disclosure
    ? rendered(tx, access, [{ version: version.stored, shown: judged.disclosure }])
    : []
}

interface PageAsked extends Pick<ProvenanceSearch, 'target' | 'count'> {
  readonly after: ReturnType<typeof readCursor>
}

/** As `_history` decides. */
async function ofAllVersions(
  tx: Transaction,
  exchange: Exchange,
  access: DisclosureRequest,
  { target: { resourceType, id }, count, after }: PageAsked,
): Promise<Page> {
  const [holder, current] = await Promise.all([
    findHolder(tx, resourceType, id),
    findResource(tx, resourceType, id),
  ])
  const isOwn = holder?.custodian === access.recipientId
  const isOpen = isOwn || (current !== undefined && (await mayHave(tx, exchange, access, current)))
  if (!holder || !isOpen) return { found: [] }
  const asked = { subjectId: holder.subjectId, id, isOwn }
  const page = await disclosePage(tx, exchange, access, {
    rows: (stretch) => historyOf(tx, { ...asked, ...stretch }),
    count,
    after,
  })
  const shown = page.shown.flatMap(({ row, disclosure }): ShownVersion[] => {
    if (disclosure) return [{ version: factsOf(row), shown: disclosure }]
    return 'deleted' in row && isOwn ? [{ version: row.deleted, shown: 'own-deletion' }] : []
  })
  return { found: await rendered(tx, access, shown), ...(page.next && { next: page.next }) }
}

interface ShownVersion {
  readonly version: ProvenancedVersion
  readonly shown: Shown
}

function factsOf(version: StoredVersion): ProvenancedVersion {
  return 'deleted' in version ? version.deleted : version.stored
}

async function rendered(
  tx: Transaction,
  { recipientId }: DisclosureRequest,
  shown: readonly ShownVersion[],
): Promise<readonly Provenance[]> {
  const own = shown.map(({ version }) => version).filter(({ custodian }) => custodian === recipientId)
  const origins = await originsOf(tx, own)
  return shown.map(({ version, shown: released }) =>
    provenanceOf(version, released, origins.get(version.versionId)),
  )
}

function bundleOf(
  { fhirBase }: Exchange,
  found: readonly Provenance[],
  self: string,
  next: string | undefined,
): Bundle<Provenance> {
  const url = `${fhirBase}/Provenance`
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    link: [
      { relation: 'self', url: `${url}?${self}` },
      ...(next === undefined ? [] : [{ relation: 'next', url: `${url}?${next}` }]),
    ],
    // An empty list is no FHIR: https://hl7.org/fhir/R4/json.html#primitive
    ...(found.length > 0 && {
      entry: found.map((resource) => ({
        fullUrl: `${url}/${resource.id}`,
        resource,
        search: { mode: 'match' as const },
      })),
    }),
  }
}

/** Without the citizen: whether the record exists is not for its asker to find in the log. The decisions have rows of their own. */
function searchEntry(exchange: Exchange, { requester, requestId }: Call): AuditEntry {
  return {
    v: 1,
    id: exchange.newId(),
    kind: 'search',
    at: exchange.now().toISOString(),
    outcome: 'success',
    client: requester.clientId,
    organization: requester.organizationId,
    purposeOfUse: ordinaryPurposes(requester.purposeOfUse),
    interaction: 'search-type',
    requestId,
  }
}
