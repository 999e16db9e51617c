/**
 * Tasks over HTTP: the gateway's work items, which their owner reads, searches and says how far they are; and requests that
 * organisations make of each other, which are records as any others. docs/api/task.md
 */
import type { Resource } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import { allowsAll } from '#auth/scopes.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { forgedWorkItems } from '#fhir/work-item-code.ts'
import { notWritable } from '#intake/accept-update.ts'
import { refuse } from '#intake/prepare.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import {
  isWorkItem,
  lockWorkItem,
  moveWorkItem,
  searchWorkItems,
  type WorkItem,
  type WorkItemQuery,
} from '#store/tasks.ts'
import type { Answer } from './answer.ts'
import { asOne } from './as-one.ts'
import type { Call, Exchange } from './call.ts'
import { subjectAsked } from './citizen-asked.ts'
import { conditionalUpdate } from './conditional-update.ts'
import { readIfMatch } from './if-match.ts'
import { isUuid } from './is-uuid.ts'
import { type LogPlace, withCursor } from './log-page.ts'
import { LIST_COUNT, readCount } from './page.ts'
import { read } from './read.ts'
import { readResourceBody, requireSameId } from './resource-body.ts'
import { search } from './search.ts'
import { asksForRecords, mayFitWorkItems, readTaskChange, readTaskSearch } from './task-request.ts'
import { taskResource } from './task-resource.ts'
import { update } from './update.ts'
import { workItemEntry } from './work-item-entry.ts'

export async function searchTasks(exchange: Exchange, call: Call): Promise<Answer> {
  if (!asksForRecords(call))
    return seesWorkItems(call, 's') ? searchItems(exchange, call) : search(exchange, call)
  if (!mayFitWorkItems(call) || !seesWorkItems(call, 's')) return search(exchange, call)
  return asOne(exchange, async (within, tx) => withItems(within, tx, call, await search(within, call)))
}

async function searchItems(exchange: Exchange, call: Call): Promise<Answer> {
  const { count, citizen, filters } = readTaskSearch(exchange, call)
  return exchange.database.transaction(async (tx) => {
    const subjectId = await subjectAsked(tx, exchange.seal, citizen)
    const { shown, last } = await itemsOf(tx, { ...filters, ...(subjectId ? { subjectId } : {}) }, count)
    await appendAudit(tx, [auditRow(workItemEntry(exchange, call, 'search-type', { subjectId }))])
    const next = last && nextOf(exchange, call, subjectId, last)
    return {
      status: 200,
      list: {
        type: 'searchset',
        self: urlOf(exchange, understood(call.query)),
        ...(next && { next: urlOf(exchange, next) }),
        entries: shown.map((item) => ({ workItem: taskResource(item) })),
      },
    }
  })
}

/** After the last record the work items: what has no room on the page is on the next, which asks for them by their owner. */
async function withItems(exchange: Exchange, tx: Transaction, call: Call, answer: Answer): Promise<Answer> {
  if (!('list' in answer) || answer.list.next !== undefined) return answer
  const query = new URLSearchParams(call.query)
  query.delete('_cursor')
  const { citizen, filters } = readTaskSearch(exchange, { ...call, query })
  const subjectId = await subjectAsked(tx, exchange.seal, citizen)
  const room = readCount(query.get('_count'), LIST_COUNT) - answer.list.entries.length
  const { shown, last } = await itemsOf(tx, { ...filters, ...(subjectId ? { subjectId } : {}) }, room)
  await appendAudit(tx, [auditRow(workItemEntry(exchange, call, 'search-type', { subjectId }))])
  query.set('owner', `Organization/${call.requester.organizationId}`)
  const next = last && nextOf(exchange, { ...call, query }, subjectId, last)
  return {
    ...answer,
    list: {
      ...answer.list,
      ...(next && { next: urlOf(exchange, next) }),
      entries: [...answer.list.entries, ...shown.map((item) => ({ workItem: taskResource(item) }))],
    },
  }
}

/** Before the newest. */
const START: LogPlace = { at: Date.UTC(2200, 0) * 1000, id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }

/** `last` is given when there are more. */
async function itemsOf(
  tx: Transaction,
  query: Omit<WorkItemQuery, 'limit'>,
  count: number,
): Promise<{ readonly shown: readonly WorkItem[]; readonly last?: LogPlace }> {
  const found = await searchWorkItems(tx, { ...query, limit: count + 1 })
  const shown = found.slice(0, count)
  if (found.length <= count) return { shown }
  const last = shown.at(-1)
  return { shown, last: last ? { at: last.createdUs, id: last.id } : START }
}

/** A work item of the reader's organisation, else a record by the one door. */
export async function readTask(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, requester } = call
  if (!isUuid(id) || !seesWorkItems(call, 'r')) return read(exchange, call)
  return asOne(exchange, async (within, tx) => {
    const [item] = await searchWorkItems(tx, { ownerOrganizationId: requester.organizationId, id, limit: 1 })
    if (!item) return read(within, call)
    await appendAudit(tx, [auditRow(workItemEntry(exchange, call, 'read', item))])
    return answered(item)
  })
}

/** https://hl7.org/fhir/R4/http.html#concurrency: two persons cannot take the same item without one of them learning it. */
export async function updateTask(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, requester } = call
  if (!isUuid(id)) return update(exchange, call)
  return asOne(exchange, async (within, tx) => {
    const item = seesWorkItems(call, 'u') && (await lockWorkItem(tx, requester.organizationId, id))
    if (item) return moved(within, tx, call, item)
    await refuseIdOfWorkItem(tx, readResourceBody(call), id)
    return update(within, call)
  })
}

/** Under the id that the client gives to what is not there yet. */
export async function conditionalUpdateTask(exchange: Exchange, call: Call): Promise<Answer> {
  const sent = readResourceBody(call)
  const { id } = sent
  if (!isUuid(id)) return conditionalUpdate(exchange, call)
  return asOne(exchange, async (within, tx) => {
    await refuseIdOfWorkItem(tx, sent, id)
    return conditionalUpdate(within, call)
  })
}

/** Two things of one id would hide each other. First what is refused under any id, so that this tells nothing of another's. */
async function refuseIdOfWorkItem(tx: Transaction, sent: Resource, id: string): Promise<void> {
  refuse(forgedWorkItems(sent))
  if (await isWorkItem(tx, id)) throw notWritable()
}

async function moved(exchange: Exchange, tx: Transaction, call: Call, item: WorkItem): Promise<Answer> {
  const sent = readResourceBody(call)
  requireSameId(sent, item.id)
  refuse(exchange.validator.validate(sent))
  if (item.versionId !== requireIfMatch(call)) throw conflict()
  await moveWorkItem(tx, item.id, readTaskChange(sent, taskResource(item)))
  const done = await lockWorkItem(tx, call.requester.organizationId, item.id)
  if (!done) throw new Error('a work item was lost while it was locked')
  await appendAudit(tx, [auditRow(workItemEntry(exchange, call, 'update', done))])
  return answered(done)
}

/** A scope that is narrowed by a query is of records: a work item is in none. */
function seesWorkItems({ requester }: Call, letter: 'r' | 's' | 'u'): boolean {
  return allowsAll(requester.scopes, 'Task', letter)
}

function answered(item: WorkItem): Answer {
  return { status: 200, headers: { ETag: `W/"${item.versionId}"` }, nonClinical: taskResource(item) }
}

function requireIfMatch(call: Call): string {
  const version = readIfMatch(call)
  if (version !== undefined) return version
  throw new GatewayError({
    code: 'parameter-invalid',
    expression: 'http:If-Match',
    text: 'found nothing; send the ETag of the work item as you read it, so that nobody else has changed it since',
  })
}

function conflict(): GatewayError {
  return new GatewayError({
    code: 'version-conflict',
    text: 'the version in `If-Match` is not the current one: read the work item again and send your change with the new ETag',
  })
}

function nextOf(
  exchange: Exchange,
  call: Call,
  subjectId: string | undefined,
  last: LogPlace,
): URLSearchParams {
  const more = understood(call.query)
  more.delete('_cursor')
  if (subjectId) more.set('patient', `Patient/${subjectId}`)
  return withCursor(exchange, call, more, last)
}

function urlOf({ fhirBase }: Exchange, asked: URLSearchParams): string {
  return `${fhirBase}/Task${asked.size > 0 ? `?${asked}` : ''}`
}

/** Without the national id, which must not stand in a URL, and without what may be one. */
function understood(query: URLSearchParams): URLSearchParams {
  const self = new URLSearchParams(query)
  self.delete('patient.identifier')
  for (const name of ['_id', 'owner']) {
    const id = self.get(name)
    if (id !== null && !isUuid(id.replace(/^Organization\//, ''))) self.set(name, '')
  }
  return self
}
