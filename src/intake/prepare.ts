/** From a mapped or received resource to what the accept statement stores: validated, labelled, without narrative. */
import type { Meta, Resource } from '@medplum/fhirtypes'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { type HeldResource, isHeld, profileOf } from '#fhir/held-types.ts'
import { tokensOf } from '#fhir/search-parameters.ts'
import { forgedWorkItems } from '#fhir/work-item-code.ts'
import type { Validator } from '#fhir/validate.ts'
import { labelContent } from '#label/label.ts'
import { withReceivedLabels } from '#label/security-meta.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import type { AcceptedResource } from '#store/commit.ts'
import { attachmentFaults } from './attachments.ts'
import type { Origin } from './origin.ts'
import { strayNationalIds, withSubject } from './subject.ts'

export interface Preparation {
  readonly validator: Validator
  readonly labelRules: LabelRuleSet
}

/** As many as the validator tells: a small request must not make a large answer. */
const MAX_FAULTS = 100

export interface Named {
  readonly subjectId: string
  readonly id: string
  readonly versionId: string
}

/** @throws GatewayError with every fault of its form; then with every national id that stands where none may. */
export function prepare(
  preparation: Preparation,
  resource: Resource,
  named: Named,
  { organization: custodian }: Pick<Origin, 'organization'>,
): AcceptedResource {
  if (!isHeld(resource)) {
    throw new GatewayError({
      code: 'field-invalid',
      expression: 'resourceType',
      text: 'this resource type is not exchanged; see the CapabilityStatement for those that are',
    })
  }
  const { meta, ...rest } = withSubject(withoutNarrative(resource), named.subjectId)
  const sent = { ...rest, id: named.id, ...keptMeta(meta) }
  refuse(preparation.validator.validate(sent, profileOf(sent.resourceType)))
  // After the validator: now every name on a path is R4's own, and none is a text of the sender's.
  const content = withReceivedLabels(sent)
  refuse(strayNationalIds(content, content.resourceType))
  refuse(forgedWorkItems(content, content.resourceType))
  refuse(attachmentFaults(content, content.resourceType))
  return {
    ...named,
    resourceType: content.resourceType,
    custodian: custodian.id,
    // Labels go out with it, and are not part of it: those of the unit and of what it points to may change meanwhile.
    content,
    labels: labelContent(content, preparation.labelRules),
    tokens: [...tokensOf(content), `subject=${named.subjectId}`],
  }
}

export function refuse(faults: readonly Fault[]): void {
  const [first, ...rest] = faults.slice(0, MAX_FAULTS)
  if (first) throw new GatewayError([first, ...rest])
}

/** Of what a client says about the resource itself, only labels and profiles count: they can add to ours, never lower. */
function keptMeta(meta: Meta | undefined): { meta?: Meta } {
  const kept: Meta = {
    ...(meta?.profile ? { profile: meta.profile } : {}),
    ...(meta?.security ? { security: meta.security } : {}),
  }
  return Object.keys(kept).length > 0 ? { meta: kept } : {}
}

/** Text made by others may name what an element hides; it is dropped here and generated again where it is shown. */
function withoutNarrative<R extends HeldResource>(resource: R): R {
  const { text: _dropped, ...rest } = resource
  const contained = resource.contained?.map((inner) => {
    const { text: _alsoDropped, ...kept } = inner as Resource & { text?: unknown }
    return kept
  })
  return { ...rest, ...(contained ? { contained } : {}) } as R
}
