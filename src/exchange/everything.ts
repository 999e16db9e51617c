/**
 * `$everything` of a citizen, and of a care plan: the records that the reader may have, each decided about like every other.
 * https://hl7.org/fhir/R4/operation-patient-everything.html
 */
import { auditRow } from '#audit/audit-row.ts'
import { allows } from '#auth/scopes.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { type HeldType, heldTypes, isHeldType } from '#fhir/held-types.ts'
import { appendAudit } from '#store/audit-log.ts'
import { findResource } from '#store/resources.ts'
import { searchResources } from '#store/search-resources.ts'
import { absent, accessOf, isUuid } from './access.ts'
import type { Answer, DisclosedEntry } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { cursorTo, readCursor } from './cursor.ts'
import { disclose, disclosePage } from './disclose.ts'
import { disclosePatient } from './disclose-patient.ts'
import { readEverythingRequest } from './everything-request.ts'
import { includedWith } from './include.ts'
import { includedInPart, searchEntry } from './search.ts'

/**
 * Newest first, after the citizen as the reader knows them. Of a citizen of whom nothing may be told it is empty, as of one
 * who never was: there is no third answer that could be told from either.
 */
export async function patientEverything(exchange: Exchange, call: Call): Promise<Answer> {
  const { requester, resourceType } = call
  const asked = readEverythingRequest(call)
  const types = typesAsked(call, asked.types)
  const { id: subjectId } = call
  if (!isUuid(subjectId)) return absent()
  const use = {
    seal: exchange.seal,
    requester,
    resourceType,
    question: ['$everything', subjectId, asked.self],
  }
  const after = readCursor(asked.cursor, use)
  return exchange.database.transaction(async (tx) => {
    const access = accessOf(exchange, call, '$everything')
    const query = { subjectId, resourceTypes: types, clauses: [], date: [], order: 'newest' } as const
    const page = await disclosePage(tx, exchange, access, {
      rows: (stretch) => searchResources(tx, { ...query, lastUpdated: asked.lastUpdated, ...stretch }),
      count: asked.count,
      after,
    })
    const isFirst = after === undefined && asked.types === undefined && asked.lastUpdated.length === 0
    const mayReadPatient = allows(requester.scopes, 'Patient', 'r')
    const citizen =
      isFirst && mayReadPatient ? await disclosePatient(tx, exchange, access, subjectId) : undefined
    await appendAudit(tx, [auditRow(searchEntry(exchange, call, subjectId, '$everything'))])
    const url = `${exchange.fhirBase}/Patient/${subjectId}/$everything`
    const next =
      page.next &&
      new URLSearchParams([...new URLSearchParams(asked.self), ['_cursor', cursorTo(page.next, use)]])
    return {
      status: 200,
      list: {
        type: 'searchset',
        self: asked.self === '' ? url : `${url}?${asked.self}`,
        ...(next && { next: `${url}?${next}` }),
        // The citizen goes with the records: a page has as many of those as were asked for.
        entries: [
          ...(citizen ? [{ disclosure: citizen, mode: 'include' as const }] : []),
          ...page.shown.flatMap(({ disclosure }): DisclosedEntry[] =>
            disclosure ? [{ disclosure, mode: 'match' }] : [],
          ),
        ],
      },
    }
  })
}

/** The plan, and each record that what was released of it points to. */
export async function planEverything(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, query } = call
  if (query.size > 0)
    throw new GatewayError({
      code: 'parameter-unknown',
      text: '`$everything` of a care plan takes no parameters',
    })
  if (!isUuid(id)) return absent()
  return exchange.database.transaction(async (tx) => {
    const access = accessOf(exchange, call, '$everything')
    const stored = await findResource(tx, 'CarePlan', id)
    const [judged] = await disclose(tx, exchange, access, stored ? [stored] : [])
    if (!judged?.disclosure) return absent()
    const match = { subjectId: judged.stored.subjectId, disclosure: judged.disclosure }
    const along = [{ types: readable(call), isReverse: false }]
    const { disclosures, isCut } = await includedWith(tx, exchange, call, access, [match], along)
    return {
      status: 200,
      list: {
        type: 'searchset',
        self: `${exchange.fhirBase}/CarePlan/${id}/$everything`,
        entries: [
          { disclosure: judged.disclosure, mode: 'match' },
          ...disclosures.map((disclosure) => ({ disclosure, mode: 'include' as const })),
          ...(isCut ? [{ outcome: includedInPart() }] : []),
        ],
      },
    }
  })
}

function readable({ requester }: Call): readonly HeldType[] {
  return heldTypes.filter((type) => allows(requester.scopes, type, 'r'))
}

/** What the client may read; a type that it names and may not read is refused, since it knows what it named. */
function typesAsked(call: Call, named: readonly string[] | undefined): readonly HeldType[] {
  const open = readable(call)
  for (const type of named ?? []) {
    if (!isHeldType(type))
      throw new GatewayError({
        code: 'parameter-invalid',
        expression: '_type',
        text: `name types among ${heldTypes.join(', ')}, separated by commas`,
      })
    if (!open.includes(type))
      throw new GatewayError({
        code: 'scope-insufficient',
        text: `this needs the scope \`system/${type}.r\`; ask the token endpoint for it, or leave the type out`,
      })
  }
  return named ? named.filter(isHeldType) : open
}
