/**
 * What a consent means that is about to be stored: whether it may be, which ones it takes the place of, what its sender
 * should know, and what follows when it takes back an earlier version of itself.
 */
import type { Consent } from '@medplum/fhirtypes'
import { capture, judgeAsActive } from '#capture/capture.ts'
import type { CaptureContext } from '#capture/capture-context.ts'
import { type Notice, relateToEarlier } from '#capture/earlier-consents.ts'
import { countFaults, sizeFaults } from '#capture/size.ts'
import { unknownParties } from '#capture/unknown-parties.ts'
import { replaced } from '#capture/withdrawal.ts'
import { birthDateOf } from '#fhir/birth-date.ts'
import type { Fault } from '#fhir/gateway-error.ts'
import type { LawBook } from '#law/law-book.ts'
import type { AcceptedResource } from '#store/commit.ts'
import type { Transaction } from '#store/database.ts'
import { lockConsents, nationalIdsOf } from '#store/persons.ts'
import { consentsOf, type StoredResource } from '#store/resources.ts'
import type { Seal } from '#store/seal.ts'
import { openWorkItem } from '#store/tasks.ts'
import { consentNames } from './consent-names.ts'
import { nextVersion } from './next-version.ts'
import type { Origin } from './origin.ts'
import { type Preparation, refuse } from './prepare.ts'
import { recallBasis } from './withdrawn-basis.ts'

export interface CaptureOptions extends Preparation {
  readonly seal: Seal
  readonly law: LawBook
  readonly now: () => Date
}

export interface CapturedConsents {
  /** Next versions of consents that are replaced: to be stored in the same commit. */
  readonly alsoStored: readonly AcceptedResource[]
  readonly notices: readonly Notice[]
  /** What follows from the commit, in its transaction. Returns the subscriptions that have work from it. */
  readonly follow: (tx: Transaction) => Promise<readonly string[]>
}

/** @throws GatewayError with a fault for each thing that could mislead. Locks the citizen's consents until the end. */
export async function captureConsents(
  tx: Transaction,
  options: CaptureOptions,
  accepted: readonly AcceptedResource[],
  origin: Pick<Origin, 'organization'>,
): Promise<CapturedConsents> {
  const written = accepted.flatMap((each) => (isConsent(each) ? [each] : []))
  const [first] = written
  if (!first) return { alsoStored: [], notices: [], follow: () => Promise.resolve([]) }
  const { subjectId } = first
  const { organization } = origin
  await lockConsents(tx, subjectId)
  const [held, nationalIds] = await Promise.all([
    consentsOf(tx, [subjectId]),
    nationalIdsOf(tx, options.seal, [subjectId]),
  ])
  const birthDate = nationalIds
    .get(subjectId)
    ?.map(birthDateOf)
    .find((date) => date !== undefined)
  const context: CaptureContext = {
    now: options.now().toISOString(),
    timeZone: organization.timeZone,
    jurisdiction: organization.jurisdiction,
    law: options.law,
    ...(birthDate === undefined ? {} : { birthDate }),
  }
  const own = held.filter(({ custodian }) => custodian === organization.id)
  const added = written.filter(({ id }) => !own.some((each) => each.id === id))
  refuse([...written.flatMap(({ content }) => sizeFaults(content)), ...countFaults(own.length, added.length)])
  refuse(written.flatMap(({ content }) => faultsOf(content, context)))

  const others = own.filter(({ id }) => !written.some((each) => each.id === id)).filter(isActive)
  const { nameOf, isKnown } = await consentNames(
    tx,
    [...written, ...others].map(({ content }) => content as Consent),
  )
  const alsoStored = new Map<string, AcceptedResource>()
  const notices: Notice[] = []
  for (const { id, content } of written) {
    notices.push(...noticesOf(content, context))
    if (content.status !== 'active' && content.status !== 'draft' && content.status !== 'proposed') continue
    notices.push(...unknownParties(content, isKnown))
    const earlier = others.map((each) => ({ id: each.id, consent: each.content as Consent, stored: each }))
    const relation = relateToEarlier(content, earlier, nameOf)
    notices.push(...relation.notices)
    if (content.status !== 'active') continue
    for (const each of earlier.filter((one) => relation.replaces.includes(one)))
      alsoStored.set(
        each.id,
        nextVersion(each.stored, replaced(each.consent, `Consent/${id}`), options.labelRules),
      )
  }
  return {
    alsoStored: [...alsoStored.values()],
    notices: asManyAsAreRead(notices),
    follow: (within) => followUp(within, { written, held: own, context }),
  }
}

/** A person reads them before somebody signs; and a small consent must not make a large answer. */
const MAX_NOTICES = 20

function asManyAsAreRead(notices: readonly Notice[]): readonly Notice[] {
  if (notices.length <= MAX_NOTICES) return notices
  const text = `${notices.length - MAX_NOTICES} more are left out here: read your consents of this citizen`
  return [...notices.slice(0, MAX_NOTICES), { severity: 'warning', text }]
}

type AcceptedConsent = AcceptedResource & { readonly content: Consent }

function isConsent(accepted: AcceptedResource): accepted is AcceptedConsent {
  return accepted.content.resourceType === 'Consent'
}

function isActive({ content }: StoredResource): boolean {
  return content.resourceType === 'Consent' && content.status === 'active'
}

function faultsOf(consent: Consent, context: CaptureContext): readonly Fault[] {
  const captured = capture(consent, context)
  return captured.kind === 'refused' ? captured.faults : []
}

/** Of a draft, what would be asked of it: nobody has signed it yet, and it can still be mended. */
function noticesOf(consent: Consent, context: CaptureContext): Notice[] {
  const isDraft = consent.status === 'draft' || consent.status === 'proposed'
  const captured = isDraft ? judgeAsActive(consent, context) : capture(consent, context)
  if (captured.kind === 'refused')
    return captured.faults.map(({ text, expression }) => ({
      severity: 'warning',
      text: `it would be refused as an active consent: ${text}`,
      ...(expression === undefined ? {} : { expression }),
    }))
  return captured.kind === 'not-computable'
    ? [
        {
          severity: 'warning',
          expression: captured.place,
          text: 'how far it reaches stands in words alone: it is kept, opens nothing, and waits for a person to read it',
        },
      ]
    : []
}

interface Written {
  readonly written: readonly AcceptedConsent[]
  /** As it was before. */
  readonly held: readonly StoredResource[]
  readonly context: CaptureContext
}

async function followUp(tx: Transaction, { written, held, context }: Written): Promise<readonly string[]> {
  const woken: string[] = []
  for (const { subjectId, id, versionId, custodian, content } of written) {
    if (content.status === 'active' && capture(content, context).kind === 'not-computable')
      await openWorkItem(tx, {
        code: 'consent-not-computable',
        ownerOrganizationId: custodian,
        subjectId,
        focus: `Consent/${id}`,
        reason: 'consent-defective',
        dedupeKey: id,
      })
    const wasActive = held.some((before) => before.id === id && isActive(before))
    if (wasActive && content.status !== 'active') {
      const { subscriptions } = await recallBasis(tx, { subjectId, consentId: id, versionId })
      woken.push(...subscriptions)
    }
  }
  return woken
}
