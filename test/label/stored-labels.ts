/** Stored resources of one citizen and the labels that a decision about them would go by. */
import { randomUUID } from 'node:crypto'
import type { Coding, Condition, Resource } from '@medplum/fhirtypes'
import { readLabelRules } from '#assets/codes.ts'
import { labelsInForce } from '#exchange/labels-in-force.ts'
import { labelContent } from '#label/label.ts'
import type { LabelRecord } from '#label/label-record.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import { commit } from '#store/commit.ts'
import type { SensitiveUnits } from '#store/organizations.ts'
import type { StoredResource } from '#store/resources.ts'
import { acceptedPlan, type TestStore } from '#test/stored.ts'

export const rules = readLabelRules(new URL('../../', import.meta.url))
export const SKS = 'urn:oid:1.2.208.176.2.4.12'
export const subject = { reference: 'Patient/p' }
export const RECIPIENT = randomUUID()

/** The same rules under an earlier name, which found nothing. */
export const earlier: LabelRuleSet = { version: 'earlier', ofCode: () => [], ofText: () => [] }

export function problem(code: string, change: Partial<Condition> = {}): Condition {
  const coding: Coding[] = [{ system: SKS, code }]
  return { resourceType: 'Condition', subject, code: { coding }, ...change }
}

export interface Citizen {
  readonly subjectId: string
  /** Stores what was accepted from this custodian under these rules, and returns it. */
  accept(resource: Resource, by?: string, under?: LabelRuleSet, id?: string): Promise<StoredResource>
}

export function citizenOf({ database }: TestStore, custodian = randomUUID()): Citizen {
  const subjectId = randomUUID()
  return {
    subjectId,
    accept: async (resource, by = custodian, under = rules, id = randomUUID()) => {
      const content = { ...resource, id } as Resource
      const labels = labelContent(content, under)
      const accepted = acceptedPlan({
        subjectId,
        id,
        resourceType: content.resourceType,
        custodian: by,
        content,
        labels,
        tokens: [],
      })
      const { recorded } = await commit(database, [accepted], [])
      return { ...accepted, lastUpdated: recorded }
    },
  }
}

interface Around {
  readonly units?: SensitiveUnits
  readonly recipient?: string
}

export async function labelled(
  store: TestStore,
  stored: StoredResource,
  around: Around = {},
): Promise<LabelRecord | undefined> {
  const [labels] = await labelledTogether(store, [stored], around)
  return labels
}

export async function labelledTogether(
  { database }: TestStore,
  stored: readonly StoredResource[],
  { units = new Map(), recipient = RECIPIENT }: Around = {},
): Promise<readonly (LabelRecord | undefined)[]> {
  const options = { labelRules: rules, sensitiveUnits: () => Promise.resolve(units) }
  const labels = await database.transaction((tx) => labelsInForce(tx, options, recipient, stored))
  return stored.map(({ versionId }) => labels.get(versionId))
}

/** `path rule labels`, one line a finding. */
export function findings(record: LabelRecord | undefined): readonly string[] {
  if (!record) return ['none']
  return record.elements.map(
    ({ path, rule, sensitivities, confidentiality }) =>
      `${path} ${rule} ${[confidentiality, ...sensitivities].join(' ')}`,
  )
}
