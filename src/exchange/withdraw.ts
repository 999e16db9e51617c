/**
 * `$withdraw`: a citizen takes a consent back, whole or in part. When it is answered, nothing more is authorised on what
 * was taken back: the change waits for every authorisation under way, and every later one reads it. GDPR 7(3).
 */
import { createHash } from 'node:crypto'
import type { Consent } from '@medplum/fhirtypes'
import { auditRow } from '#audit/audit-row.ts'
import { permits } from '#capture/provisions.ts'
import { sizeFaults } from '#capture/size.ts'
import { withdrawn, type Withdrawal } from '#capture/withdrawal.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { acceptEntry } from '#intake/intake.ts'
import { nextVersion } from '#intake/next-version.ts'
import type { Origin } from '#intake/origin.ts'
import { refuse } from '#intake/prepare.ts'
import { strayNationalIds } from '#intake/subject.ts'
import { recallBasis } from '#intake/withdrawn-basis.ts'
import { commit } from '#store/commit.ts'
import type { Transaction } from '#store/database.ts'
import { organizationsById } from '#store/organizations.ts'
import { lockConsents } from '#store/persons.ts'
import { type DisclosedUnder, disclosedUnder, recalledTo } from '#store/recalls.ts'
import { findResource, type StoredResource } from '#store/resources.ts'
import { isUuid, notFound, originOf } from './access.ts'
import type { Answer } from './answer.ts'
import type { Call, Exchange } from './call.ts'
import { readResourceBody } from './resource-body.ts'
import { withdrawnParameters } from './withdraw-answer.ts'
import { readWithdrawal } from './withdraw-request.ts'
import { affectedBy, isKnownRecipient } from './withdrawal-reach.ts'

export async function withdraw(exchange: Exchange, call: Call): Promise<Answer> {
  const withdrawal = requestOf(exchange, call)
  const { id, requester } = call
  if (!isUuid(id)) throw notFound()
  const origin = await originOf(exchange, call)
  const done = await exchange.database.transaction(async (tx) => {
    const stored = await lockedConsent(tx, id, requester.organizationId)
    const before = stored.content as Consent
    const after = before.status === 'active' ? withdrawn(before, withdrawal) : before
    if (before.status === 'active') await refuseUnknown(tx, withdrawal, before)
    const next = JSON.stringify(after) === JSON.stringify(before) ? undefined : after
    // Taken back whole it grows no more, and is never too large for that.
    if (next && withdrawal.kind !== 'whole') refuse(sizeFaults(next))
    const outcome = next
      ? await takeBack(tx, exchange, { call, origin, stored, next, withdrawal })
      : await takenBackBefore(tx, stored, withdrawal)
    return { ...outcome, status: after.status, ...(await recipientsOf(tx, stored, outcome.disclosed)) }
  })
  exchange.announce(done.woken)
  return {
    status: 200,
    headers: { ETag: `W/"${done.versionId}"` },
    nonClinical: withdrawnParameters({
      ...done,
      consent: `Consent/${id}/_history/${done.versionId}`,
      // What another custodian sent, and to whom, is not the caller's to know: that custodian is told of it.
      disclosed: done.disclosed.filter(({ custodian }) => custodian === requester.organizationId),
    }),
  }
}

interface Outcome {
  readonly versionId: string
  readonly disclosed: readonly DisclosedUnder[]
  /** Subscriptions that now have work. */
  readonly woken: readonly string[]
}

async function takeBack(
  tx: Transaction,
  exchange: Exchange,
  {
    call,
    origin,
    stored,
    next,
    withdrawal,
  }: { call: Call; origin: Origin; stored: StoredResource; next: Consent; withdrawal: Withdrawal },
): Promise<Outcome> {
  const version = nextVersion(stored, next, exchange.labelRules)
  const sha256 = createHash('sha256').update(call.body).digest()
  const audit = auditRow(acceptEntry(exchange.now(), [version], origin, '$withdraw', sha256))
  const { subscriptions } = await commit(tx, [version], [audit])
  const { versionId } = version
  const { disclosed, subscriptions: recalled } = await recallBasis(tx, {
    subjectId: stored.subjectId,
    consentId: stored.id,
    versionId,
    affected: (all) => affectedBy(tx, withdrawal, all),
  })
  return { versionId, disclosed, woken: [...subscriptions, ...recalled] }
}

/** Sent again: nothing changes, nobody is told twice, and the answer is the same. */
async function takenBackBefore(
  tx: Transaction,
  { subjectId, id, versionId }: StoredResource,
  withdrawal: Withdrawal,
): Promise<Outcome> {
  const disclosed = await affectedBy(tx, withdrawal, await disclosedUnder(tx, subjectId, id))
  return { versionId, disclosed, woken: [] }
}

async function recipientsOf(
  tx: Transaction,
  { subjectId, id }: StoredResource,
  disclosed: readonly DisclosedUnder[],
) {
  const recipients = [...new Set(disclosed.map(({ recipient }) => recipient))]
  const [told, organizations] = await Promise.all([
    recalledTo(tx, subjectId, id),
    organizationsById(tx, recipients),
  ])
  return { told, organizations }
}

function requestOf(exchange: Exchange, call: Call): Withdrawal {
  const body = readResourceBody({ ...call, resourceType: 'Parameters' })
  if (body.resourceType !== 'Parameters') throw new Error('another type was read')
  refuse(exchange.validator.validate(body))
  // What is withdrawn becomes part of the consent, where no such id may stand.
  refuse(strayNationalIds(body, 'Parameters'))
  return readWithdrawal(body)
}

/** Behind the citizen's lock, which every authorisation shares. Another organisation's consent answers as none. */
async function lockedConsent(tx: Transaction, id: string, custodian: string): Promise<StoredResource> {
  const found = await findResource(tx, 'Consent', id)
  if (found?.custodian !== custodian) throw notFound()
  await lockConsents(tx, found.subjectId)
  const current = await findResource(tx, 'Consent', id)
  if (!current) throw new Error('a consent was lost while its citizen was locked')
  return current
}

async function refuseUnknown(tx: Transaction, withdrawal: Withdrawal, consent: Consent): Promise<void> {
  if (withdrawal.kind === 'whole') return
  if (!permits(consent))
    throw new GatewayError({
      code: 'field-invalid',
      expression: 'Parameters.parameter[0]',
      text: 'this consent permits nothing, so no part of a permit can be withdrawn: withdraw it whole',
    })
  if (withdrawal.kind === 'recipient' && !(await isKnownRecipient(tx, withdrawal.recipient, consent)))
    throw new GatewayError({
      code: 'field-invalid',
      expression: 'Parameters.parameter[0]',
      text: 'neither the consent nor the registry knows this organisation; name it as the consent does',
    })
}
