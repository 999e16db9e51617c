/** A change that the gateway itself makes to a stored consent: its next version. */
import { randomUUID } from 'node:crypto'
import type { Consent } from '@medplum/fhirtypes'
import { tokensOf } from '#fhir/search-parameters.ts'
import { label, withSecurityMeta } from '#label/label.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import type { AcceptedResource } from '#store/commit.ts'
import type { StoredResource } from '#store/resources.ts'
import type { Origin } from './origin.ts'

/** Not validated again: what was valid under earlier profiles must not stand in the way of its withdrawal. */
export function nextVersion(
  { subjectId, id, custodian }: Pick<StoredResource, 'subjectId' | 'id' | 'custodian'>,
  content: Consent,
  rules: LabelRuleSet,
  { organization, sensitiveUnits }: Pick<Origin, 'organization' | 'sensitiveUnits'>,
): AcceptedResource {
  const custodianSensitivities = organization.sensitivities
  const labels = label(content, rules, { custodianSensitivities, sensitiveUnits })
  return {
    subjectId,
    resourceType: 'Consent',
    id,
    versionId: randomUUID(),
    custodian,
    content: withSecurityMeta(content, labels),
    labels,
    tokens: [...tokensOf(content), `subject=${subjectId}`],
  }
}
