/** A case file: `{ consents, context, resources, request }`. Liberal in what holds the resources, strict in all the rest. */
import type { Consent, Resource } from '@medplum/fhirtypes'
import { describeCode, GatewayError } from '#fhir/gateway-error.ts'
import { parseJsonBody } from '#fhir/json-body.ts'
import type { Validator } from '#fhir/validate.ts'
import { faultsOf } from './check-resource.ts'
import { Faults, isObject, isPlainName, type JsonObject, member } from './json-place.ts'
import { type PlacedResource, readContext, readResources } from './read-resources.ts'
import { type CaseRequest, readRequest } from './read-request.ts'

export interface DecisionCase {
  readonly consents: readonly Consent[]
  /** Resolved references, by `Type/id`, by `fullUrl` and by key. */
  readonly context: ReadonlyMap<string, Resource>
  readonly resources: readonly Resource[]
  readonly request: CaseRequest
}

const MEMBERS = ['consents', 'context', 'resources', 'request']
/** What a collection of cases says about one beside the case. */
const EXPECTATIONS = ['expect', 'expected', 'want']

/** @throws GatewayError with every fault, each at its path in the file. */
export function readCase(bytes: Uint8Array, validator: Validator): DecisionCase {
  const faults = new Faults()
  const file = parseJsonBody(bytes)
  if (!isObject(file)) throw refused(faults, '', file)
  refuseUnknownMembers(file, faults)
  const consents = readResources(member(file, '', 'consents'), faults).map(withoutNarrative)
  const context = readContext(member(file, '', 'context'), faults).map(withoutNarrative)
  const resources = readResources(member(file, '', 'resources'), faults).map(withoutNarrative)
  const request = readRequest(member(file, '', 'request'), faults)
  refuseOtherTypes(consents, faults)
  refuseTwoVersions(consents, faults)
  for (const placed of [...consents, ...context, ...resources])
    faults.found.push(...faultsOf(placed, validator))
  const resolved = resolve(context, resources, faults)
  const [first, ...more] = faults.found
  if (first) throw new GatewayError([first, ...more])
  if (!request) throw new Error('a request without a fault was not read')
  return {
    consents: consents.map(asConsent),
    context: resolved,
    resources: resources.map(asResource),
    request,
  }
}

function refused(faults: Faults, path: string, value: unknown): GatewayError {
  faults.wrong(
    { value, path: path === '' ? '$' : path },
    'one object with `consents`, `resources` and `request`',
  )
  const [first, ...more] = faults.found
  return new GatewayError(first ? [first, ...more] : { code: 'field-invalid', text: 'the case is no object' })
}

/** The checks above have seen it: from here on it is what it says it is. */
function asResource({ resource }: PlacedResource): Resource {
  return resource as unknown as Resource
}

function asConsent({ resource }: PlacedResource): Consent {
  return resource as unknown as Consent
}

/** A remark is a string. A list or an object under another name is one of ours, misspelt: it must not pass unread. */
function refuseUnknownMembers(file: JsonObject, faults: Faults): void {
  for (const [name, value] of Object.entries(file)) {
    if (MEMBERS.includes(name) || EXPECTATIONS.includes(name) || typeof value === 'string') continue
    const path = isPlainName(name) ? name : '$'
    faults.add(
      path,
      `found a member that is none of ${MEMBERS.map((each) => `\`${each}\``).join(', ')}; correct its name or remove it`,
    )
  }
}

function refuseOtherTypes(consents: readonly PlacedResource[], faults: Faults): void {
  for (const { resourceType, path } of consents)
    if (resourceType !== 'Consent')
      faults.add(
        `${path}.resourceType`,
        `found ${describeCode(resourceType)}; send \`Consent\` here, and what it refers to in \`context\``,
      )
}

/** Only one version of a consent is in force, and nothing here says which: an older one could permit what was withdrawn. */
function refuseTwoVersions(consents: readonly PlacedResource[], faults: Faults): void {
  const versions = new Map<string, unknown>()
  for (const { resource, path } of consents) {
    const { id, meta } = resource
    if (typeof id !== 'string') continue
    const version = isObject(meta) ? meta['versionId'] : undefined
    if (versions.has(id) && versions.get(id) !== version)
      faults.add(`${path}.id`, 'found two versions of one consent; send the one that is in force')
    versions.set(id, version)
  }
}

/** As at intake: text made by others may name what an element hides, so it is dropped, and made anew where it is shown. */
function withoutNarrative(placed: PlacedResource): PlacedResource {
  const { text: _dropped, contained, ...resource } = placed.resource
  if (contained === undefined) return { ...placed, resource }
  const kept: unknown = Array.isArray(contained) ? contained.map(withoutText) : contained
  return { ...placed, resource: { ...resource, contained: kept } }
}

function withoutText(inner: unknown): unknown {
  if (!isObject(inner)) return inner
  const { text: _dropped, ...kept } = inner
  return kept
}

/** Of two different resources of one name nobody can say which is meant: in the context a fault, else left unresolved. */
function resolve(
  context: readonly PlacedResource[],
  resources: readonly PlacedResource[],
  faults: Faults,
): ReadonlyMap<string, Resource> {
  const byName = new Map<string, PlacedResource>()
  const doubtful = new Set<string>()
  for (const one of [...context, ...resources]) {
    for (const name of namesOf(one)) {
      const other = byName.get(name)
      byName.set(name, one)
      if (!other || JSON.stringify(other.resource) === JSON.stringify(one.resource)) continue
      doubtful.add(name)
      if (context.includes(one)) faults.add(one.path, 'found a second resource of this name; send one')
    }
  }
  for (const name of doubtful) byName.delete(name)
  return new Map([...byName].map(([name, one]) => [name, asResource(one)]))
}

function namesOf({ resource, resourceType, alias }: PlacedResource): readonly string[] {
  const { id } = resource
  const own = typeof id === 'string' ? `${resourceType}/${id}` : undefined
  return [...new Set([own, alias])].filter((name) => name !== undefined)
}
