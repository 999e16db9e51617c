import { isObject, objects } from './r4-source.ts'
import type { JsonObject } from './r4-source.ts'

/** Value sets without a finite list of codes in R4, and why their codes are not checked one by one. */
const UNBOUNDED: Readonly<Record<string, string>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': 'media types are an open registry (RFC 6838)',
  'http://hl7.org/fhir/ValueSet/currencies': 'R4 does not publish the codes of ISO 4217',
}

export interface RequiredCodes {
  /** Value set -> code system -> codes. */
  readonly valueSets: Record<string, Record<string, string[]>>
  /** Value set -> why its codes are not checked. */
  readonly unchecked: Record<string, string>
}

/** Expands each value set that an element of the definitions binds as `required`. https://hl7.org/fhir/R4/valueset.html#compose */
export function expandRequiredCodes(
  definitions: readonly JsonObject[],
  terminology: readonly JsonObject[],
): RequiredCodes {
  const byUrl = new Map(
    terminology.map((resource) => [
      `${String(resource['resourceType'])} ${String(resource['url'])}`,
      resource,
    ]),
  )
  const valueSets: RequiredCodes['valueSets'] = {}
  const unchecked: RequiredCodes['unchecked'] = {}
  for (const url of requiredValueSets(definitions)) {
    const reason = UNBOUNDED[url]
    if (reason !== undefined) unchecked[url] = reason
    else valueSets[url] = expand(url, byUrl)
  }
  return { valueSets, unchecked }
}

function requiredValueSets(definitions: readonly JsonObject[]): string[] {
  const urls = definitions
    .flatMap((definition) =>
      isObject(definition['snapshot']) ? objects(definition['snapshot']['element']) : [],
    )
    .flatMap((element) => (isObject(element['binding']) ? [element['binding']] : []))
    .filter((binding) => binding['strength'] === 'required')
    .map((binding) => String(binding['valueSet']).replace(/\|.*$/, ''))
  return [...new Set(urls)].sort()
}

function expand(url: string, byUrl: ReadonlyMap<string, JsonObject>): Record<string, string[]> {
  const compose = byUrl.get(`ValueSet ${url}`)?.['compose']
  if (!isObject(compose)) throw new Error(`value set ${url} is not in the R4 definitions`)
  if (compose['exclude'] !== undefined) throw new Error(`value set ${url} excludes codes; expand it by hand`)
  const codes: Record<string, string[]> = {}
  for (const include of objects(compose['include'])) {
    if (include['filter'] !== undefined || include['valueSet'] !== undefined)
      throw new Error(`value set ${url} filters or imports; expand it by hand`)
    const system = String(include['system'])
    const listed = objects(include['concept'])
    const all = listed.length > 0 ? listed : objects(byUrl.get(`CodeSystem ${system}`)?.['concept'])
    if (all.length === 0) throw new Error(`code system ${system} of value set ${url} has no codes in R4`)
    codes[system] = [...new Set([...(codes[system] ?? []), ...flatten(all)])].sort()
  }
  return codes
}

/** Concepts form a tree; a value set that names the system takes all of it. */
function flatten(concepts: readonly JsonObject[]): string[] {
  return concepts.flatMap((concept) => [String(concept['code']), ...flatten(objects(concept['concept']))])
}
