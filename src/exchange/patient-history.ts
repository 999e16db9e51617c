/** The demographics that the asking organisation sent of a citizen, newest first. https://hl7.org/fhir/R4/http.html#history */
import type { Transaction } from '#store/database.ts'
import { demographicsHistory, type PatientKey } from '#store/patients.ts'
import { absent, accessOf } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { cursorTo, readCursor } from './cursor.ts'
import { disclosePatientVersions } from './disclose-patient.ts'
import { readHistoryRequest } from './history-request.ts'
import { isUuid } from './is-uuid.ts'

export async function historyOfPatient(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, requester, resourceType } = call
  if (!isUuid(id)) return absent()
  const { count, since, cursor, self } = readHistoryRequest(call)
  const use = { seal: exchange.seal, requester, resourceType, question: ['_history', id, self] }
  const after = readCursor(cursor, use)
  return exchange.database.transaction(async (tx) => {
    const asked = { ...(since && { since }), after, limit: count + 1 }
    const page = await pageOf(tx, exchange, call, id, { count, asked })
    if (!page) return absent()
    const url = `${exchange.fhirBase}/Patient/${id}/_history`
    const next =
      page.next && new URLSearchParams([...new URLSearchParams(self), ['_cursor', cursorTo(page.next, use)]])
    return {
      status: 200,
      list: {
        type: 'history',
        self: self === '' ? url : `${url}?${self}`,
        ...(next && { next: `${url}?${next}` }),
        entries: page.entries,
      },
    }
  })
}

interface PageAsked {
  readonly count: number
  readonly asked: Parameters<typeof demographicsHistory>[2]
}

/** One more is found than shown, to know whether there is a next page. */
async function pageOf(
  tx: Transaction,
  exchange: Exchange,
  call: Call,
  id: string,
  { count, asked }: PageAsked,
) {
  const access = accessOf(exchange, call, 'history-instance')
  let found: Awaited<ReturnType<typeof demographicsHistory>> = []
  const versions = async (key: PatientKey) => {
    found = await demographicsHistory(tx, key, asked)
    return found.slice(0, count)
  }
  const disclosures = await disclosePatientVersions(tx, exchange, access, id, versions)
  if (!disclosures) return undefined
  const last = found.length > count ? found[count - 1] : undefined
  return {
    entries: disclosures.map((disclosure, at) => ({ disclosure, isFirst: found[at]?.isFirst === true })),
    ...(last && { next: last.place }),
  }
}
