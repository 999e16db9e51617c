/** A change that the gateway itself makes to a stored consent: its next version. */
import { randomUUID } from 'node:crypto'
import type { Consent } from '@medplum/fhirtypes'
import { tokensOf } from '#fhir/search-parameters.ts'
import { labelContent } from '#label/label.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import type { AcceptedResource } from '#store/commit.ts'
import type { StoredResource } from '#store/resources.ts'

/** Not validated again: what was valid under earlier profiles must not stand in the way of its withdrawal. */
export function nextVersion(
  { subjectId, id, custodian }: Pick<StoredResource, 'subjectId' | 'id' | 'custodian'>,
  content: Consent,
  rules: LabelRuleSet,
): AcceptedResource {
  return {
    subjectId,
    resourceType: 'Consent',
    id,
    versionId: randomUUID(),
    custodian,
    content,
    labels: labelContent(content, rules),
    tokens: [...tokensOf(content), `subject=${subjectId}`],
  }
}
