/** Whether a resource is of a class: its type, a profile that it claims, or the type of a document. https://hl7.org/fhir/R4/valueset-consent-content-class.html */
import type { Resource } from '@medplum/fhirtypes'
import { normalizeSystem } from '#label/code-system.ts'
import { type Code, isFields } from './element-reader.ts'
import { resourceTypes } from './resource-types.ts'
import type { Truth } from './truth.ts'

export const RESOURCE_TYPE_SYSTEM = 'http://hl7.org/fhir/resource-types'
/** A URI stands for itself; public consents write profiles with this system or with none. */
const URI_SYSTEM = 'urn:ietf:rfc:3986'

export function coversClass({ system, code }: Code, resource: Resource): Truth {
  if (code === undefined) return 'unknown'
  if (system === RESOURCE_TYPE_SYSTEM)
    return code === resource.resourceType || (resourceTypes.has(code) ? false : 'unknown')
  if (claims(resource, code)) return true
  if ((system === undefined || system === URI_SYSTEM) && /^https?:/.test(code)) return conforms(resource)
  return isOfDocumentType(system, code, resource)
}

function claims(resource: Resource, profile: string): boolean {
  return profilesOf(resource).includes(withoutVersion(profile))
}

/** What claims other profiles is not of this one; what claims none may be. */
function conforms(resource: Resource): Truth {
  return profilesOf(resource).length > 0 ? false : 'unknown'
}

function profilesOf({ meta }: Resource): readonly string[] {
  const profiles: unknown = isFields(meta) ? meta['profile'] : undefined
  if (!Array.isArray(profiles)) return []
  return profiles.filter((url) => typeof url === 'string').map(withoutVersion)
}

function withoutVersion(url: string): string {
  return url.replace(/\|.*$/, '')
}

const LOINC = 'http://loinc.org'
const documents: ReadonlySet<string> = new Set(['Composition', 'DocumentReference', 'DocumentManifest'])

/** Of a code in another system, or of a document that says nothing in this one, nobody can tell that it is not meant. */
function isOfDocumentType(system: string | undefined, code: string, resource: Resource): Truth {
  const type: unknown = documents.has(resource.resourceType) && 'type' in resource ? resource.type : undefined
  const codings: readonly unknown[] =
    isFields(type) && Array.isArray(type['coding']) ? type['coding'].filter(isFields) : []
  const found = codings.filter(isFields).filter((coding) => systemOf(coding) === system)
  if (system !== undefined && found.some((coding) => coding['code'] === code)) return true
  if (system !== LOINC) return 'unknown'
  return documents.has(resource.resourceType) && found.length === 0 ? 'unknown' : false
}

function systemOf({ system }: { readonly [key: string]: unknown }): string | undefined {
  return typeof system === 'string' ? normalizeSystem(system) : undefined
}
