/** The versions of a Practitioner or PractitionerRole that is in the directory, open to whoever reads it. https://hl7.org/fhir/R4/http.html#history */
import type { Bundle } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { DirectoryContent, DirectoryType } from '#store/directory.ts'
import { directoryHistory, type DirectoryVersion, findDirectoryVersion } from '#store/directory-versions.ts'
import { absent } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { cursorTo, readCursor } from './cursor.ts'
import { entryAnswer, shown } from './directory.ts'
import { directoryEntryOf } from './directory-audit.ts'
import { readHistoryRequest } from './history-request.ts'
import { isUuid } from './is-uuid.ts'

type Run = (exchange: Exchange, call: Call) => Promise<Answer>

export function vreadDirectory(type: DirectoryType): Run {
  return async (exchange, call) => {
    const { id, versionId } = call
    if (!isUuid(id) || !isUuid(versionId)) return absent()
    return exchange.database.transaction(async (tx) => {
      const found = await findDirectoryVersion(tx, type, id, versionId)
      await appendAudit(tx, [auditRow(directoryEntryOf(exchange, call, 'vread', { id, versionId }))])
      return found ? entryAnswer(found) : absent()
    })
  }
}

export function historyOfDirectory(type: DirectoryType): Run {
  return async (exchange, call) => {
    const { id, requester, resourceType } = call
    if (!isUuid(id)) return absent()
    const { count, since, cursor, self } = readHistoryRequest(call)
    const use = { seal: exchange.seal, requester, resourceType, question: ['_history', id, self] }
    const after = readCursor(cursor, use)
    return exchange.database.transaction(async (tx) => {
      // One more than is shown, to know whether there is a next page.
      const found = await directoryHistory(tx, type, id, { since, after, limit: count + 1 })
      await appendAudit(tx, [auditRow(directoryEntryOf(exchange, call, 'history-instance', { id }))])
      const isThere = found.length > 0 || (await directoryHistory(tx, type, id, { limit: 1 })).length > 0
      if (!isThere) return absent()
      const last = found.length > count ? found[count - 1] : undefined
      const next =
        last && new URLSearchParams([...new URLSearchParams(self), ['_cursor', cursorTo(last.place, use)]])
      const url = `${exchange.fhirBase}/${type}/${id}/_history`
      const links = [
        { relation: 'self', url: self === '' ? url : `${url}?${self}` },
        ...(next ? [{ relation: 'next', url: `${url}?${next}` }] : []),
      ]
      return { status: 200, nonClinical: historyBundle(exchange, found.slice(0, count), links) }
    })
  }
}

function historyBundle(
  { fhirBase }: Exchange,
  versions: readonly DirectoryVersion[],
  link: NonNullable<Bundle['link']>,
): Bundle<DirectoryContent> {
  return {
    resourceType: 'Bundle',
    type: 'history',
    link,
    // An empty list is no FHIR: https://hl7.org/fhir/R4/json.html#primitive
    ...(versions.length > 0 && {
      entry: versions.map((version) => ({
        fullUrl: `${fhirBase}/${version.resourceType}/${version.id}`,
        resource: shown(version),
        request: { method: 'PUT', url: `${version.resourceType}/${version.id}` },
        response: {
          status: version.isFirst ? '201' : '200',
          etag: `W/"${version.versionId}"`,
          lastModified: version.lastUpdated.toISOString(),
        },
      })),
    }),
  }
}
