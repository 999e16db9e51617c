/** A decision on files, with the code of the gateway: no server, no database, no clock of its own. */
import type { Consent, Resource } from '@medplum/fhirtypes'
import { readLabelRules } from '#assets/codes.ts'
import { readLaw } from '#assets/law.ts'
import { readProfiles } from '#assets/profiles.ts'
import type { AccessRequest, DecisionContext } from '#consent/access-request.ts'
import { compileConsent, type ConsentVersion, decide } from '#consent/decide.ts'
import { labelsTold } from '#consent/labels-told.ts'
import { overallDecision } from '#consent/overall-decision.ts'
import { decideWithoutContent } from '#consent/without-content.ts'
import { createValidator } from '#fhir/validate.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import { withSecurityMeta } from '#label/security-meta.ts'
import type { LawBook } from '#law/law-book.ts'
import { answerOf, type CaseAnswer, type Decided, type Reader } from './decide-case/answer.ts'
import { decideTogether, type Judged } from './decide-case/decide-together.ts'
import { labellerOf } from './decide-case/label-case.ts'
import { legalFrameOf } from './decide-case/legal-frame-of.ts'
import { organizationsOf, partiesIn, partyOf } from './decide-case/party-of.ts'
import { type DecisionCase, readCase } from './decide-case/read-case.ts'
import { releaseCase } from './decide-case/release-case.ts'
import { subjectOf } from './decide-case/subject-of.ts'

const ROOT = new URL('../../', import.meta.url)

/** Reads profiles, labelling rules and law once, for any number of cases. */
export function createCaseDecider(): (bytes: Uint8Array, reader?: Reader) => CaseAnswer {
  const validator = createValidator(readProfiles(ROOT))
  // No basis without consent is switched on here: which are is for each deployment to say.
  const rules = { labels: readLabelRules(ROOT), law: readLaw(ROOT, []) }
  return (bytes, reader) => decideCase(readCase(bytes, validator), rules, reader)
}

interface Rules {
  readonly labels: LabelRuleSet
  readonly law: LawBook
}

function decideCase(asked: DecisionCase, rules: Rules, reader: Reader | undefined): CaseAnswer {
  const request = accessRequestOf(asked)
  const context = decisionContext(asked, request, rules)
  const { custodian } = request
  const labelsOf = labellerOf(
    rules.labels,
    asked.context,
    custodian ? organizationsOf({ ...custodian, parents: [] }, asked.context) : [],
  )
  const consents = asked.consents.map((consent, index) => compileConsent(versionOf(consent, index)))
  // Nothing is asked for by name: what the consents say of whatever there may be.
  if (asked.resources.length === 0)
    return answerOf([], decideWithoutContent(request, consents, context), reader)
  const judge = (resource: Resource): Judged => {
    const labels = labelsOf(resource)
    const labelled = { resource: withSecurityMeta(resource, labels), labels }
    return { ...labelled, decision: decide(request, consents, labelled, context), cut: [] }
  }
  const released = decideTogether(asked.resources, judge, asked.context).map((judged) =>
    releaseCase(judged, labelsOf),
  )
  const decided = released.map(({ judged: { resource, labels, decision }, outgoing }, index): Decided => ({
    reference: resource.id === undefined ? `resources[${index}]` : `${resource.resourceType}/${resource.id}`,
    decision,
    labels: labelsTold(decision, labels),
    ...(outgoing ? { released: outgoing } : {}),
  }))
  return answerOf(decided, overallDecision(decided.map(({ decision }) => decision)), reader)
}

function decisionContext(asked: DecisionCase, request: AccessRequest, rules: Rules): DecisionContext {
  const { recipient, custodian } = request
  const law = legalFrameOf(request, asked.context, rules.law)
  return {
    ruleSetVersion: rules.labels.version,
    parties: [recipient, ...(custodian ? [custodian] : []), ...partiesIn(asked.context)],
    resources: asked.context,
    ...(law ? { law } : {}),
  }
}

function accessRequestOf({ request, context }: DecisionCase): AccessRequest {
  const { patient, recipient, custodian, ...rest } = request
  return {
    ...rest,
    patient: subjectOf(patient, context),
    recipient: partyOf(recipient, context),
    ...(custodian ? { custodian: partyOf(custodian, context) } : {}),
  }
}

/** Named by its place when it has no id, and version 1 when it has none. */
function versionOf(consent: Consent, index: number): ConsentVersion {
  const { id = `consents[${index}]`, meta } = consent
  return { id, versionId: meta?.versionId ?? '1', consent }
}
