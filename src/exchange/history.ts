/** FHIR history of one record, newest version first. https://hl7.org/fhir/R4/http.html#history */
import { findResource } from '#store/resources.ts'
import { findHolder, historyOf, type StoredVersion } from '#store/versions.ts'
import { absent, accessOf, isUuid } from './access.ts'
import type { Answer, DisclosedEntry } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { cursorTo, readCursor } from './cursor.ts'
import { disclosePage, type DisclosedPage, mayHave } from './disclose.ts'
import { readHistoryRequest } from './history-request.ts'

/**
 * Every version is decided about now, by its own content, and one that may not be seen is simply not there: version ids are
 * random, so no gap shows. Whoever may not have the record as it is now has no history of it: see `mayHave()`.
 */
export async function history(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, resourceType, requester } = call
  if (!isUuid(id)) return absent()
  const { count, since, cursor, self } = readHistoryRequest(call)
  const use = { seal: exchange.seal, requester, resourceType, question: ['_history', id, self] }
  const after = readCursor(cursor, use)
  return exchange.database.transaction(async (tx) => {
    const [holder, current] = await Promise.all([
      findHolder(tx, resourceType, id),
      findResource(tx, resourceType, id),
    ])
    const isOwn = holder?.custodian === requester.organizationId
    const access = accessOf(exchange, call, 'history-instance')
    const isOpen = isOwn || (current !== undefined && (await mayHave(tx, exchange, access, current)))
    if (!holder || !isOpen) return absent()
    const { subjectId } = holder
    const asked = { subjectId, id, ...(since && { since }), isOwn }
    const page = await disclosePage(tx, exchange, access, {
      rows: (stretch) => historyOf(tx, { ...asked, ...stretch }),
      count,
      after,
    })
    const url = `${exchange.fhirBase}/${resourceType}/${id}/_history`
    const next =
      page.next && new URLSearchParams([...new URLSearchParams(self), ['_cursor', cursorTo(page.next, use)]])
    return {
      status: 200,
      list: {
        type: 'history',
        self: self === '' ? url : `${url}?${self}`,
        ...(next && { next: `${url}?${next}` }),
        entries: page.shown.flatMap((each) => entriesOf(each, isOwn)),
      },
    }
  })
}

type Shown = DisclosedPage<StoredVersion>['shown'][number]

function entriesOf({ row, disclosure }: Shown, isOwn: boolean): readonly DisclosedEntry[] {
  if ('deleted' in row) return [{ deleted: row.deleted }]
  return disclosure ? [{ disclosure, isFirst: isOwn && row.isFirst }] : []
}
