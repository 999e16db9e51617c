/**
 * The one door. Whatever leaves the gateway about a citizen leaves as a `Disclosure`, and only this file makes one: with
 * a decision made now, on the consents that are in force now, and with its audit row in the same transaction.
 */
import type { Resource } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import type { Decision } from '#consent/decision.ts'
import { labelContent } from '#label/label.ts'
import { type Disclosure, release } from '#redact/disclosure.ts'
import type { Names } from '#redact/names.ts'
import { verify } from '#redact/verify.ts'
import { withholdReferences } from '#redact/withhold-references.ts'
import { appendAudit } from '#store/audit-log.ts'
import type { Transaction } from '#store/database.ts'
import type { Listed, Place, Stretch } from '#store/place.ts'
import type { StoredResource } from '#store/resources.ts'
import {
  type Decided,
  decideStored,
  type DiscloseOptions,
  type Door,
  hear,
  NOTHING_HEARD,
} from './decide-stored.ts'
import { refusalEntry } from './disclosure-audit.ts'
import type { DisclosureRequest } from './disclosure-request.ts'
import { leaveTraces, type Traced } from './leave-traces.ts'
import { namesWithheld } from './names-withheld.ts'
import { grantNamed } from './override-use.ts'

export type { DiscloseOptions } from './decide-stored.ts'
export type { Disclosure } from '#redact/disclosure.ts'
export type { DisclosureRequest } from './disclosure-request.ts'

export interface Judged {
  readonly stored: StoredResource
  readonly decision: Decision
  /** Absent when the decision was deny. */
  readonly disclosure?: Disclosure
}

/** Decides about each resource on its own, in the order given. The caller sends only after the transaction committed. */
export async function disclose(
  tx: Transaction,
  options: DiscloseOptions,
  request: DisclosureRequest,
  resources: readonly StoredResource[],
): Promise<readonly Judged[]> {
  const door = await openDoor(tx, options, request)
  if (resources.length === 0) return []
  const judged = await judge(door, resources)
  await leaveTraces(door, judged)
  return judged
}

/** A list that is given page by page: rows with content to decide about, and perhaps some that are only named. */
export interface ListAsked<Row> {
  readonly rows: (stretch: Stretch) => Promise<readonly Listed<Row>[]>
  readonly count: number
  readonly after?: Place | undefined
}

export interface DisclosedPage<Row> {
  readonly shown: readonly { readonly row: Row; readonly disclosure?: Disclosure }[]
  /** Where the next page starts: given only when there is something on it. */
  readonly next?: Place
}

/**
 * As many as were asked for, or all that are left: what may not be seen leaves no hole. One more is decided about, to know
 * whether there is a next page; it is not released, and leaves no trace here.
 */
export async function disclosePage<Row extends object>(
  tx: Transaction,
  options: DiscloseOptions,
  request: DisclosureRequest,
  { rows, count, after }: ListAsked<Row>,
): Promise<DisclosedPage<Row>> {
  const door = await openDoor(tx, options, request)
  const shown: DisclosedPage<Row>['shown'][number][] = []
  const traces: Traced[] = []
  let [last, chars] = [after, 0]
  for (let limit = batchOf(count + 1); ; limit = batchOf(limit * 2)) {
    const batch = await rows({ after: last, limit })
    const judged = await judge(door, batch.flatMap(contentOf))
    const byVersion = new Map(judged.map((each) => [each.stored.versionId, each]))
    for (const row of batch) {
      const [stored] = contentOf(row)
      const decided = stored && byVersion.get(stored.versionId)
      const disclosure = decided?.disclosure
      if (!decided || disclosure) {
        if (last && (shown.length === count || chars > MAX_PAGE_CHARS)) {
          await leaveTraces(door, traces)
          return { shown, next: last }
        }
        shown.push({ row, ...(disclosure && { disclosure }) })
        if (disclosure) chars += JSON.stringify(disclosure.resource).length
      }
      // Without the content: a list of what is denied may be long.
      if (decided) traces.push({ ...decided, stored: withoutContent(decided.stored) })
      last = row.place
    }
    if (batch.length < limit) {
      await leaveTraces(door, traces)
      return { shown }
    }
  }
}

/** Resources of 2 MB each are held in memory at once, in the worst case. */
const MAX_BATCH = 50
/** What is released counts, so that the end of a page tells nothing of what is not. */
const MAX_PAGE_CHARS = 4_000_000

function batchOf(rows: number): number {
  return Math.min(rows, MAX_BATCH)
}

function contentOf(row: object): readonly StoredResource[] {
  return 'stored' in row ? [row.stored as StoredResource] : []
}

function withoutContent({ content: _content, labels: _labels, ...rest }: StoredResource): Traced['stored'] {
  return rest
}

/**
 * Whether the reader may have a record as it is now: whoever may not has no earlier version of it either, and cannot tell
 * from one that there is a later one. A denial is audited; nothing is released here.
 */
export async function mayHave(
  tx: Transaction,
  options: DiscloseOptions,
  request: DisclosureRequest,
  current: StoredResource,
): Promise<boolean> {
  const door = await openDoor(tx, options, request)
  const judged = await judge(door, [current])
  const refusals = judged.filter(({ disclosure }) => disclosure === undefined)
  await leaveTraces(door, refusals)
  return refusals.length === 0
}

type OpenDoor = Omit<Door, 'heard'> & { heard: Door['heard'] }

async function openDoor(
  tx: Transaction,
  options: DiscloseOptions,
  request: DisclosureRequest,
): Promise<OpenDoor> {
  return { tx, options, request, grant: await grantNamed(tx, request), heard: NOTHING_HEARD }
}

async function judge(door: OpenDoor, resources: readonly StoredResource[]): Promise<readonly Judged[]> {
  if (resources.length === 0) return []
  door.heard = await hear(door, resources)
  const decided = await decideStored(door, resources)
  const withheld = await namesWithheld(door, decided)
  return decided.map((each) => released(door, each, withheld))
}

function released(
  { options, request }: Door,
  { stored, resource, labels, decision: first, language }: Decided,
  withheld: Names,
): Judged {
  // Whatever consents say, and whoever holds it: the client's scope has a query that it does not fit.
  const outside = (outgoing: Resource): boolean => !(request.withinScope?.(outgoing) ?? true)
  if (outside(resource)) return { stored, decision: denied(first, 'outside-scope') }
  // Whoever holds it reads it as it is, and no label of ours says what that may be.
  if (first.reason === 'own-record')
    return { stored, decision: first, disclosure: release(resource, first, { language }) }
  if (first.effect === 'deny' || !labels) return { stored, decision: first }
  const decision = withholdReferences({ resource, labels }, first, withheld)
  if (decision.effect === 'deny') return { stored, decision }
  const disclosure = release(resource, decision, { language })
  // A plan without its addiction part must not be found by a code of that part.
  if (!(request.stillFits?.(disclosure.resource, resource) ?? true))
    return { stored, decision: denied(decision, 'asked-for-withheld') }
  if (outside(disclosure.resource)) return { stored, decision: denied(decision, 'outside-scope') }
  const again = (outgoing: Resource) => labelContent(outgoing, options.labelRules)
  const missed = verify(disclosure.resource, again, decision.remaining ?? labels)
  return missed.length > 0
    ? { stored, decision: denied(decision, 'verification-failed') }
    : { stored, decision, disclosure }
}

function denied({ basis }: Decision, reason: Decision['reason']): Decision {
  return { effect: 'deny', reason, basis, obligations: [], withheld: [] }
}

/** A refusal that no consent was asked about, since the client itself may not have it: denied all the same, and audited. */
export async function recordRefusal(
  tx: Transaction,
  request: DisclosureRequest,
  resources: readonly StoredResource[],
  reason: string,
): Promise<void> {
  await appendAudit(
    tx,
    resources.map((stored) => auditRow(refusalEntry(request, stored, reason))),
  )
}
