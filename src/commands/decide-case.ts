/** A decision on files, for privacy officers and tests of a consent: no database, no clock of its own. */
import type { Consent, Resource } from '@medplum/fhirtypes'
import { readLabelRules } from '#assets/codes.ts'
import type { AccessRequest } from '#consent/access-request.ts'
import { decide } from '#consent/decide.ts'
import { explain } from '#consent/explain.ts'
import type { Language } from '#consent/reason.ts'
import { label } from '#label/label.ts'

const ROOT = new URL('../../', import.meta.url)

interface Case {
  readonly request: AccessRequest
  readonly consents: readonly Consent[]
  readonly resource: Resource
  /** What the sending unit's name alone reveals, e.g. ["SUD"]. */
  readonly custodianSensitivities?: readonly string[]
}

export function decideCase(text: string, language: string): string {
  if (language !== 'da' && language !== 'nb' && language !== 'en')
    throw new Error('the language is da, nb or en')
  const { request, consents, resource, custodianSensitivities = [] } = readCase(text)
  const rules = readLabelRules(ROOT)
  const labels = label(resource, rules, { custodianSensitivities })
  const versions = consents.map((consent, i) => ({
    id: consent.id ?? `consent-${i + 1}`,
    versionId: consent.meta?.versionId ?? '1',
    consent,
  }))
  const decision = decide(
    request,
    versions,
    { resource, labels },
    {
      ruleSetVersion: rules.version,
      parties: [request.recipient, ...(request.custodian ? [request.custodian] : [])],
    },
  )
  return JSON.stringify(
    { because: sentenceOf(decision, language, labels.sensitivities), ...decision },
    null,
    2,
  )
}

function sentenceOf(
  decision: ReturnType<typeof decide>,
  language: Language,
  labels: readonly string[],
): string {
  return explain(decision, { language, audience: 'privacyOfficer', labels })
}

function readCase(text: string): Case {
  const parsed: unknown = JSON.parse(text)
  for (const member of ['request', 'consents', 'resource']) {
    if (typeof parsed !== 'object' || parsed === null || !(member in parsed))
      throw new Error(`the case has no \`${member}\``)
  }
  return parsed as Case
}
