/** What one provision tests, read once, after it has taken over from its parent what it leaves empty. https://hl7.org/fhir/R4/consent.html */
import { ACT_REASON_SYSTEM } from '#label/code-system.ts'
import { type ActorCriteria, readActors } from './criteria-actor.ts'
import { type CodeTest, readCodeTests } from './criteria-code.ts'
import { type DataReference, readDataReference } from './criteria-data.ts'
import { type Code, type Faults, type Fields, readCode, readConcept, readList } from './element-reader.ts'
import { type ReadPeriod, readPeriod } from './period.ts'
import type { ReadingPlace } from './reading-place.ts'
import { type LabelCriteria, readLabels } from './security-label.ts'

/** An absent element is no constraint; an empty list is a fault that nothing can be told of. */
export interface Criteria extends ActorCriteria {
  readonly action?: readonly (readonly Code[])[]
  /** v3-ActReason; undefined for a purpose of which nobody can tell what it means. */
  readonly purpose?: readonly (string | undefined)[]
  readonly class?: readonly Code[]
  readonly code?: readonly CodeTest[]
  readonly data?: readonly DataReference[]
  readonly dataPeriod?: ReadPeriod
  readonly securityLabel?: LabelCriteria
}

/** Each element stated replaces the parent's; recipients, sources and authors count as three. */
export function readCriteria(parent: Criteria, provision: Fields, place: ReadingPlace): Criteria {
  const { expression, faults, contained, imported } = place
  const list = <T>(element: string, read: (item: unknown, at: string, into: Faults) => T) =>
    readList(provision[element], `${expression}.${element}`, faults, read)
  const action = list('action', imported ? readImportedAction : readConcept)
  const purpose = list('purpose', readPurpose)
  const classes = list('class', readCode)
  const code = readCodeTests(provision['code'], `${expression}.code`, faults)
  const data = list('data', (item, at, into) => readDataReference(item, at, into, contained))
  const labels = list('securityLabel', readCode)
  const { dataPeriod } = provision
  return {
    ...parent,
    ...readActors(provision['actor'], place),
    ...(action && { action }),
    ...(purpose && { purpose }),
    ...(classes && { class: classes }),
    ...(code && { code }),
    ...(data && { data }),
    ...(dataPeriod !== undefined && { dataPeriod: readPeriod(dataPeriod) }),
    ...(labels && { securityLabel: readLabels(labels) }),
  }
}

function readPurpose(value: unknown, expression: string, faults: Faults): string | undefined {
  const { system, code } = readCode(value, expression, faults)
  return system === ACT_REASON_SYSTEM ? code : undefined
}

/** Most public R4 data says access or correct where it means to share. https://hl7.org/fhir/R4/valueset-consent-action.html */
function readImportedAction(value: unknown, expression: string, faults: Faults): readonly Code[] {
  const codings = readConcept(value, expression, faults)
  const shared = codings.filter(({ code }) => code === 'access' || code === 'correct')
  return [...codings, ...shared.map(({ system }) => ({ system, code: 'disclose' }))]
}
