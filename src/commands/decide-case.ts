/** A decision on files, with the code of the gateway: no server, no database, no clock of its own. */
import type { Consent } from '@medplum/fhirtypes'
import { readLabelRules } from '#assets/codes.ts'
import { readProfiles } from '#assets/profiles.ts'
import type { AccessRequest, DecisionContext } from '#consent/access-request.ts'
import { compileConsent, type ConsentVersion, decide } from '#consent/decide.ts'
import { createValidator } from '#fhir/validate.ts'
import type { LabelRuleSet } from '#label/rule-set.ts'
import { withSecurityMeta } from '#label/security-meta.ts'
import { release } from '#redact/disclosure.ts'
import { answerOf, type CaseAnswer, type Decided, type Reader } from './decide-case/answer.ts'
import { labelCase } from './decide-case/label-case.ts'
import { organizationsOf, partiesIn, partyOf } from './decide-case/party-of.ts'
import { type DecisionCase, readCase } from './decide-case/read-case.ts'
import { subjectOf } from './decide-case/subject-of.ts'

const ROOT = new URL('../../', import.meta.url)

/** Reads profiles and rules once, for any number of cases. */
export function createCaseDecider(): (bytes: Uint8Array, reader?: Reader) => CaseAnswer {
  const validator = createValidator(readProfiles(ROOT))
  const rules = readLabelRules(ROOT)
  return (bytes, reader) => decideCase(readCase(bytes, validator), rules, reader)
}

function decideCase(asked: DecisionCase, rules: LabelRuleSet, reader: Reader | undefined): CaseAnswer {
  const request = accessRequestOf(asked)
  const { recipient, custodian } = request
  const labels = labelCase(rules, asked.context, custodian ? organizationsOf(custodian, asked.context) : [])
  const context: DecisionContext = {
    ruleSetVersion: rules.version,
    parties: [recipient, ...(custodian ? [custodian] : []), ...partiesIn(asked.context)],
    resources: asked.context,
  }
  const consents = asked.consents.map((consent, index) => compileConsent(versionOf(consent, index)))
  const decided = asked.resources.map((resource, index): Decided => {
    const record = labels.of(resource)
    const labelled = withSecurityMeta(resource, record)
    const decision = decide(request, consents, { resource: labelled, labels: record }, context)
    return {
      reference:
        resource.id === undefined ? `resources[${index}]` : `${resource.resourceType}/${resource.id}`,
      decision,
      labels: record.sensitivities,
      ...(decision.effect === 'permit' ? { released: release(labelled, decision).resource } : {}),
    }
  })
  return answerOf(decided, reader)
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
