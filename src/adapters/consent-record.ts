import type { SourceEntry, SourceRecord } from '#mapping/source-record.ts'
import type { OrganizationRecord } from './organization-record.ts'
import { organizationOf, periodOf } from './record-part.ts'
import type { ConsentPart } from './record-shape.ts'

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

/** Consents in the JSON records of both sectors that send them, by one map. */
export function consentEntries(
  consents: readonly ConsentPart[],
  { organization, warnings }: { organization: OrganizationRecord; warnings: string[] },
): SourceEntry[] {
  return consents.map((consent, at) => {
    const expression = `/consents/${at}`
    return {
      map: 'record/RecordToConsent',
      key: consent.id,
      record: consentRecord(consent, { expression, organization, warnings }),
      fields: { what: `${expression}/what` },
    }
  })
}

function consentRecord(
  consent: ConsentPart,
  {
    expression,
    organization,
    warnings,
  }: { expression: string; organization: OrganizationRecord; warnings: string[] },
): SourceRecord {
  return {
    consentId: consent.id,
    // Whenever it was or will be withdrawn: a consent that somebody has taken back permits nothing.
    status: consent.withdrawn === undefined ? 'active' : 'inactive',
    given: consent.given,
    form: consent.form,
    legalBasis: consent.legalBasis,
    organization,
    ...periodOf(consent, `${expression}/until`),
    recipients: consent.recipients.map((each, at) =>
      organizationOf(each, `${expression}/recipients/${at}`, warnings),
    ),
    purposes: consent.purposes,
    what: consent.what,
    // Confidentiality N stands for what is not sensitive; without it a permit for SUD would withhold the plan's title.
    labels: [
      { system: CONFIDENTIALITY, code: 'N' },
      ...consent.sensitivities.map((code) => ({ system: ACT_CODE, code })),
    ],
    ...(consent.evidence
      ? { evidence: { id: 'evidence', created: consent.given, ...consent.evidence } }
      : {}),
    ...(consent.whyOral === undefined ? {} : { whyOral: consent.whyOral }),
  }
}
