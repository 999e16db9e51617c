/** The only writer of clinical content to an HTTP answer: it takes an Answer, whose content is a Disclosure. */
import type { Bundle, Resource } from '@medplum/fhirtypes'
import type { Response } from 'express'
import { highWaterMark } from '#redact/high-water-mark.ts'
import type { Answer } from './answer.ts'
import type { Disclosure } from './disclose.ts'

const FHIR_JSON = 'application/fhir+json; charset=utf-8; fhirVersion=4.0'

export function respond(response: Response, answer: Answer, fhirBase: string): void {
  response.status(answer.status)
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  if ('empty' in answer) {
    response.end()
    return
  }
  if ('disclosure' in answer) {
    const { meta } = answer.disclosure.resource
    if (meta?.versionId) response.setHeader('ETag', `W/"${meta.versionId}"`)
    if (meta?.lastUpdated) response.setHeader('Last-Modified', new Date(meta.lastUpdated).toUTCString())
    write(response, answer.disclosure.resource)
    return
  }
  write(
    response,
    'disclosures' in answer ? searchset(answer.disclosures, answer.self, fhirBase) : answer.nonClinical,
  )
}

/** `total` counts what is disclosed, so that it tells nothing of what is not. */
function searchset(disclosures: readonly Disclosure[], self: string, fhirBase: string): Bundle {
  const security = highWaterMark(disclosures.map(({ resource }) => resource))
  return {
    resourceType: 'Bundle',
    ...(security.length > 0 && { meta: { security: [...security] } }),
    type: 'searchset',
    total: disclosures.length,
    link: [{ relation: 'self', url: self }],
    ...entries(disclosures, fhirBase),
  }
}

/** An empty list is no FHIR: https://hl7.org/fhir/R4/json.html#primitive */
function entries(disclosures: readonly Disclosure[], fhirBase: string): Pick<Bundle, 'entry'> {
  if (disclosures.length === 0) return {}
  return {
    entry: disclosures.map(({ resource }) => ({
      fullUrl: `${fhirBase}/${resource.resourceType}/${resource.id}`,
      resource,
      search: { mode: 'match' },
    })),
  }
}

function write(response: Response, body: Resource): void {
  response.setHeader('Content-Type', FHIR_JSON)
  response.end(JSON.stringify(body))
}
