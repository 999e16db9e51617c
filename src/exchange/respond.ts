/** The only writer of clinical content to an HTTP answer: it takes an Answer, whose content is a Disclosure. */
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes'
import type { Response } from 'express'
import { highWaterMark } from '#redact/high-water-mark.ts'
import type { Answer, AnsweredBundle, DisclosedEntry, DisclosedList } from './answer.ts'

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
  if ('bundle' in answer) {
    write(response, responseBundle(answer.bundle, fhirBase))
    return
  }
  write(response, 'list' in answer ? bundleOf(answer.list, fhirBase) : answer.nonClinical)
}

function bundleOf({ type, self, next, entries }: DisclosedList, fhirBase: string): Bundle {
  const security = highWaterMark(
    entries.flatMap((entry) => ('disclosure' in entry ? [entry.disclosure.resource] : [])),
  )
  return {
    resourceType: 'Bundle',
    ...(security.length > 0 && { meta: { security: [...security] } }),
    type,
    link: [{ relation: 'self', url: self }, ...(next === undefined ? [] : [{ relation: 'next', url: next }])],
    // An empty list is no FHIR: https://hl7.org/fhir/R4/json.html#primitive
    ...(entries.length > 0 && { entry: entries.map((entry) => bundleEntry(entry, fhirBase)) }),
  }
}

function bundleEntry(entry: DisclosedEntry, fhirBase: string): BundleEntry {
  if ('outcome' in entry) return { resource: entry.outcome, search: { mode: 'outcome' } }
  if ('workItem' in entry) {
    const { workItem } = entry
    return { fullUrl: `${fhirBase}/${urlOf(workItem)}`, resource: workItem, search: { mode: 'match' } }
  }
  if ('deleted' in entry) {
    const { versionId, lastUpdated } = entry.deleted
    return {
      fullUrl: `${fhirBase}/${urlOf(entry.deleted)}`,
      request: { method: 'DELETE', url: urlOf(entry.deleted) },
      response: { status: '204', etag: `W/"${versionId}"`, lastModified: lastUpdated.toISOString() },
    }
  }
  const { resource } = entry.disclosure
  const found = { fullUrl: `${fhirBase}/${urlOf(resource)}`, resource }
  if ('mode' in entry) return { ...found, search: { mode: entry.mode } }
  // Always PUT: whether a version was the first would tell whether an earlier one is hidden.
  return {
    ...found,
    request: { method: 'PUT', url: urlOf(resource) },
    response: {
      status: entry.isFirst ? '201' : '200',
      ...(resource.meta?.versionId && { etag: `W/"${resource.meta.versionId}"` }),
      ...(resource.meta?.lastUpdated && { lastModified: resource.meta.lastUpdated }),
    },
  }
}

/** https://hl7.org/fhir/R4/bundle.html#transaction: what each answer would have been by itself, its headers as elements. */
function responseBundle({ type, answers }: AnsweredBundle, fhirBase: string): Bundle {
  const security = highWaterMark(answers.flatMap(resourcesIn))
  return {
    resourceType: 'Bundle',
    ...(security.length > 0 && { meta: { security: [...security] } }),
    type,
    ...(answers.length > 0 && { entry: answers.map((answer) => responseEntry(answer, fhirBase)) }),
  }
}

function resourcesIn(answer: Answer): Resource[] {
  if ('disclosure' in answer) return [answer.disclosure.resource]
  if (!('list' in answer)) return []
  return answer.list.entries.flatMap((entry) => ('disclosure' in entry ? [entry.disclosure.resource] : []))
}

function responseEntry(answer: Answer, fhirBase: string): BundleEntry {
  const { status, headers = {} } = answer
  const resource = resourceIn(answer, fhirBase)
  const outcome = resource?.resourceType === 'OperationOutcome' ? resource : undefined
  const { versionId, lastUpdated } =
    ('disclosure' in answer ? answer.disclosure.resource.meta : undefined) ?? {}
  const etag = headers['ETag'] ?? (versionId === undefined ? undefined : `W/"${versionId}"`)
  const changed = headers['Last-Modified']
  const lastModified = lastUpdated ?? (changed === undefined ? undefined : new Date(changed).toISOString())
  return {
    ...(resource && !outcome && { resource }),
    response: {
      status: String(status),
      ...(headers['Location'] !== undefined && { location: headers['Location'] }),
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { lastModified }),
      ...(outcome && { outcome }),
    },
  }
}

function resourceIn(answer: Answer, fhirBase: string): Resource | undefined {
  if ('disclosure' in answer) return answer.disclosure.resource
  if ('list' in answer) return bundleOf(answer.list, fhirBase)
  return 'nonClinical' in answer ? answer.nonClinical : undefined
}

function urlOf({ resourceType, id }: { readonly resourceType: string; readonly id?: string }): string {
  return `${resourceType}/${id}`
}

function write(response: Response, body: Resource): void {
  response.setHeader('Content-Type', FHIR_JSON)
  response.end(JSON.stringify(body))
}
