/** What is asked of work items, read as strictly as a question about records. https://hl7.org/fhir/R4/task.html#search */
import type { Resource, Task } from '@medplum/fhirtypes'
import { describeCode, GatewayError } from '#fhir/gateway-error.ts'
import { WORK_ITEM } from '#fhir/work-item-code.ts'
import type { NamedSubject } from '#intake/subject.ts'
import { type WorkItemCode, workItemCodes, type WorkItemQuery, type WorkItemStatus } from '#store/tasks.ts'
import { isUuid } from './is-uuid.ts'
import type { Call, Exchange } from './call.ts'
import { citizenAsked, NOBODY } from './citizen-asked.ts'
import { placeAsked } from './log-page.ts'
import { readCount } from './page.ts'

const PARAMETERS = ['owner', 'status', 'code', 'patient', 'patient.identifier', '_id', '_count', '_cursor']

/** In this order, one step at a time: somebody takes it before it is done. */
const statuses = ['requested', 'in-progress', 'completed'] as const satisfies readonly WorkItemStatus[]

export interface TaskSearch {
  readonly count: number
  readonly citizen: NamedSubject | undefined
  readonly filters: Omit<WorkItemQuery, 'limit' | 'subjectId'>
}

export function readTaskSearch(exchange: Pick<Exchange, 'seal'>, call: Call): TaskSearch {
  const { query, requester } = call
  refuseUnknown(query)
  const start = placeAsked(exchange, call)
  const id = query.get('_id')
  return {
    count: readCount(query.get('_count')),
    citizen: citizenAsked(call),
    filters: {
      // What another organisation has to do is not told: asked for, it is nothing.
      ownerOrganizationId: ownerAsked(query.get('owner'), requester.organizationId),
      ...(id === null ? {} : { id: isUuid(id) ? id : NOBODY }),
      ...listAsked(query.get('status'), 'statuses', readStatus),
      ...listAsked(query.get('code'), 'codes', readCode),
      ...(start ? { before: { createdUs: start.at, id: start.id } } : {}),
    },
  }
}

/** A query by owner is of work items; one that names a citizen or an id is of records, and of work items where it can be. */
export function asksForRecords({ query }: Pick<Call, 'query'>): boolean {
  return (
    !query.has('owner') &&
    [...query.keys()].some((name) => /^(?:_id|(?:patient|subject)([.:]identifier)?)$/.test(name))
  )
}

/** Whether a work item can be said to fit: it has codes and states of its own, and is asked for by nothing else. */
export function mayFitWorkItems({ query }: Pick<Call, 'query'>): boolean {
  const fits = (name: string, own: readonly string[]): boolean =>
    (query.get(name)?.split(',') ?? []).every((token) => own.includes(token))
  return (
    [...query.keys()].every((name) => PARAMETERS.includes(name) && query.getAll(name).length === 1) &&
    fits('status', statuses) &&
    fits('code', [...workItemCodes, ...workItemCodes.map((code) => `${WORK_ITEM}|${code}`)])
  )
}

function ownerAsked(owner: string | null, own: string): string {
  return owner === null || owner.replace(/^Organization\//, '') === own ? own : NOBODY
}

function listAsked<Key extends 'statuses' | 'codes'>(
  value: string | null,
  key: Key,
  read: (token: string) => string,
): Partial<Record<Key, readonly string[]>> {
  const list: Partial<Record<Key, readonly string[]>> = {}
  if (value !== null) list[key] = value.split(',').map(read)
  return list
}

function readStatus(token: string): WorkItemStatus {
  const status = statuses.find((each) => each === token)
  if (status) return status
  throw invalid('status', `ask for ${listed(statuses)}`)
}

function readCode(token: string): WorkItemCode {
  const code = workItemCodes.find((each) => token === each || token === `${WORK_ITEM}|${each}`)
  if (code) return code
  throw invalid('code', `ask for ${listed(workItemCodes)}`)
}

function listed(codes: readonly string[]): string {
  return codes.map((code) => `\`${code}\``).join(', ')
}

/** A filter that were ignored, or overruled by another of its name, would answer more than was asked for. */
function refuseUnknown(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (!PARAMETERS.includes(name)) {
      throw new GatewayError({
        code: 'parameter-unknown',
        text: `of work items known are ${PARAMETERS.join(', ')}; to ask for requests, name the citizen with \`patient\` and leave out \`owner\``,
      })
    }
    if (query.getAll(name).length > 1) throw invalid(name, 'send it once')
  }
}

/** The next status of an item. Nothing else of it is its owner's to write. */
export function readTaskChange(sent: Resource, current: Task): WorkItemStatus {
  if (sent.resourceType !== 'Task')
    throw new GatewayError({ code: 'field-invalid', expression: 'resourceType', text: 'send a Task' })
  const changed = changedElements(sent, current)
  if (changed[0] !== undefined) {
    throw new GatewayError({
      code: 'field-invalid',
      expression: `Task.${changed[0]}`,
      text: 'only the status of a work item can be changed; send everything else as it was read',
    })
  }
  const at = statuses.findIndex((status) => status === current.status)
  const next = statuses[at + 1]
  if (next !== undefined && sent.status === next) return next
  throw new GatewayError({
    code: 'field-invalid',
    expression: 'Task.status',
    text: `found ${describeCode(sent.status)}; ${next ? `after \`${current.status}\` comes \`${next}\`` : 'a completed work item stays as it is'}`,
  })
}

/** Ours to write whatever was sent: the version, its time, and a narrative that nobody reads. */
const OURS = new Set(['meta', 'lastModified', 'status', 'text'])

function changedElements(sent: Task, current: Task): string[] {
  const [before, after] = [new Map(Object.entries(current)), new Map(Object.entries(sent))]
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !OURS.has(name) && !isSame(before.get(name), after.get(name)),
  )
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [one, other] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  return (
    Array.isArray(a) === Array.isArray(b) &&
    one.size === other.size &&
    [...one].every(([key, value]) => isSame(value, other.get(key)))
  )
}

function invalid(expression: string, text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression, text })
}
