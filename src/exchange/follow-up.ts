/** What a person must do after a decision: look at what could not be told, or tell the citizen what a law let go. */
import { createHash } from 'node:crypto'
import type { Decision } from '#consent/decision.ts'
import { outcomeOf } from '#consent/reason.ts'
import type { NewWorkItem } from '#store/tasks.ts'
import type { RecordVersion } from './disclosure-request.ts'

/** Nothing a person could settle: labelling is on its way, and text that nobody classified is withheld for good. */
const SETTLES_ITSELF: ReadonlySet<string> = new Set(['not-labelled', 'free-text-unclassified'])

/** One for each custodian, citizen, reason and consents, however often it is asked. */
export function followUps(stored: RecordVersion, decision: Decision): readonly NewWorkItem[] {
  const { reason, basis, effect, followUp = [] } = decision
  const about = { ownerOrganizationId: stored.custodian, subjectId: stored.subjectId, reason }
  const consents = [...new Set(basis.map(({ consent }) => consent))].sort()
  const open = effect === 'deny' && outcomeOf(reason) === 'indeterminate' && !SETTLES_ITSELF.has(reason)
  const [focus] = consents
  return [
    ...(open
      ? [
          {
            ...about,
            code: 'indeterminate' as const,
            ...(focus !== undefined && { focus: `Consent/${focus}` }),
            dedupeKey: `indeterminate:${stored.subjectId}:${reason}:${digestOf(consents)}`,
          },
        ]
      : []),
    ...(reason === 'verification-failed'
      ? [
          {
            ...about,
            code: 'verification-alarm' as const,
            focus: `${stored.resourceType}/${stored.id}`,
            dedupeKey: `verification:${stored.versionId}`,
          },
        ]
      : []),
    // Of an override its own use opens the item.
    ...(followUp.includes('inform-patient') && reason === 'permitted-by-law'
      ? [
          {
            ...about,
            code: 'inform-patient' as const,
            focus: `${stored.resourceType}/${stored.id}`,
            dedupeKey: `inform:${stored.id}:${decision.law ?? ''}`,
          },
        ]
      : []),
  ]
}

/** Anybody may send in consents: a key that named them all would be refused by the schema, and every answer with it. */
function digestOf(consents: readonly string[]): string {
  return createHash('sha256').update(consents.join(',')).digest('hex')
}
