/** Work items over HTTP: their owner reads them, searches them, and says how far they are. */
import type { Bundle, Task } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { refuse } from '#intake/prepare.ts'
import { appendAudit } from '#store/audit-log.ts'
import { lockWorkItem, moveWorkItem, searchWorkItems, type WorkItem } from '#store/tasks.ts'
import { notFound } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { subjectAsked } from './citizen-asked.ts'
import { readIfMatch } from './if-match.ts'
import { isUuid } from './is-uuid.ts'
import { withCursor } from './log-page.ts'
import { readResourceBody, requireSameId } from './resource-body.ts'
import { readTaskChange, readTaskSearch } from './task-request.ts'
import { taskResource } from './task-resource.ts'
import { workItemEntry } from './work-item-entry.ts'

export async function searchTasks(exchange: Exchange, call: Call): Promise<Answer> {
  const { count, citizen, filters } = readTaskSearch(exchange, call)
  return exchange.database.transaction(async (tx) => {
    const subjectId = await subjectAsked(tx, exchange.seal, citizen)
    const found = await searchWorkItems(tx, {
      ...filters,
      limit: count + 1,
      ...(subjectId ? { subjectId } : {}),
    })
    await appendAudit(tx, [auditRow(workItemEntry(exchange, call, 'search-type', { subjectId }))])
    const last = found.length > count ? found[count - 1] : undefined
    return { status: 200, nonClinical: bundleOf(exchange, call, found.slice(0, count), { subjectId, last }) }
  })
}

export async function readTask(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, requester } = call
  if (!isUuid(id)) throw notFound()
  return exchange.database.transaction(async (tx) => {
    const query = { ownerOrganizationId: requester.organizationId, id, limit: 1 }
    const [item] = await searchWorkItems(tx, query)
    await appendAudit(tx, [auditRow(workItemEntry(exchange, call, 'read', item ?? {}))])
    return item ? answered(item) : { status: 404, nonClinical: notFound().outcome }
  })
}

/** https://hl7.org/fhir/R4/http.html#concurrency: two persons cannot take the same item without one of them learning it. */
export async function updateTask(exchange: Exchange, call: Call): Promise<Answer> {
  const { id, requester } = call
  if (!isUuid(id)) throw notFound()
  const sent = readResourceBody(call)
  requireSameId(sent, id)
  refuse(exchange.validator.validate(sent))
  const version = requireIfMatch(call)
  return exchange.database.transaction(async (tx) => {
    const item = await lockWorkItem(tx, requester.organizationId, id)
    if (!item) throw notFound()
    if (item.versionId !== version) throw conflict()
    await moveWorkItem(tx, id, readTaskChange(sent, taskResource(item)))
    const moved = await lockWorkItem(tx, requester.organizationId, id)
    if (!moved) throw new Error('a work item was lost while it was locked')
    await appendAudit(tx, [auditRow(workItemEntry(exchange, call, 'update', moved))])
    return answered(moved)
  })
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

interface Page {
  readonly subjectId: string | undefined
  readonly last: WorkItem | undefined
}

function bundleOf(
  exchange: Exchange,
  call: Call,
  items: readonly WorkItem[],
  { subjectId, last }: Page,
): Bundle<Task> {
  const { fhirBase } = exchange
  const url = (asked: URLSearchParams): string => `${fhirBase}/Task${asked.size > 0 ? `?${asked}` : ''}`
  const self = understood(call.query)
  const more = new URLSearchParams(self)
  more.delete('_cursor')
  if (subjectId) more.set('patient', `Patient/${subjectId}`)
  const next = last && withCursor(exchange, call, more, { at: last.createdUs, id: last.id })
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    link: [{ relation: 'self', url: url(self) }, ...(next ? [{ relation: 'next', url: url(next) }] : [])],
    ...(items.length > 0
      ? {
          entry: items.map((item) => ({
            fullUrl: `${fhirBase}/Task/${item.id}`,
            resource: taskResource(item),
            search: { mode: 'match' as const },
          })),
        }
      : {}),
  }
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
