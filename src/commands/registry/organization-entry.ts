/** What an organisation must be to be registered: every fault is found, and what is only odd is a warning. */
import { describe, describeCode, type Fault } from '#fhir/gateway-error.ts'
import {
  isOrganizationScheme,
  organizationSchemeOf,
  organizationSchemes,
  readOrganizationIdentifier,
} from '#fhir/organization-identifier.ts'
import { isSensitivity } from '#label/sensitivity.ts'
import type { UnitType } from '#law/unit-types.ts'
import type { Organization } from '#store/organizations.ts'
import { isPersonal } from './is-personal.ts'
import { nationalIdSystem } from './national-id-systems.ts'
import type { OrganizationEntry, Place } from './registry-file.ts'

export interface OrganizationRules {
  readonly unitTypes: ReadonlyMap<string, UnitType>
  /** The sandbox's receivers listen on `http:`. */
  readonly allowHttp: boolean
}

export interface Findings {
  readonly faults: Fault[]
  readonly warnings: string[]
}

/** Without what only the registry knows: its id, and what it is part of. */
export type OrganizationDraft = Omit<Organization, 'id' | 'partOf'>

const capitals = { DK: 'Europe/Copenhagen', NO: 'Europe/Oslo' } as const

/** Fields that the entry leaves out are those of `before`. Undefined when there is a fault. */
export function readOrganization(
  entry: OrganizationEntry,
  before: Organization | undefined,
  place: Place,
  rules: OrganizationRules,
): Findings & { readonly draft?: OrganizationDraft } {
  const found: Findings = { faults: [], warnings: [] }
  const name = readName(entry.name ?? before?.name, place, found)
  const sector = lasting('sector', entry.sector, before?.sector, place, found)
  const jurisdiction = lasting('jurisdiction', entry.jurisdiction, before?.jurisdiction, place, found)
  const identifiers = readIdentifiers(entry, before, place, found)
  if (jurisdiction) refuseForeignNumbers(identifiers, jurisdiction, place, found)
  const unitType = readUnitType(
    entry.unitType ?? before?.unitType,
    { sector, jurisdiction },
    { place, found, rules },
  )
  const sensitivities = entry.sensitivities ?? before?.sensitivities ?? []
  for (const [i, code] of sensitivities.entries())
    if (!isSensitivity(code))
      found.faults.push({
        code: 'code-unknown',
        expression: place(`sensitivities[${i}]`),
        text: `found ${describeCode(code)}; send a sensitivity of v3-ActCode, such as PSY or SUD`,
      })
  const endpoints = readEndpoints(entry.endpoints ?? before?.endpoints ?? [], place, found, rules)
  const timeZone = readTimeZone(entry.timeZone ?? before?.timeZone, jurisdiction, place, found)
  const nationalIdSystems = entry.nationalIdSystems?.map(nationalIdSystem) ?? before?.nationalIdSystems ?? []
  if (found.faults.length > 0 || !name || !sector || !jurisdiction || !timeZone) return found
  const draft: OrganizationDraft = {
    name,
    sector,
    jurisdiction,
    timeZone,
    identifiers,
    sensitivities,
    ...(unitType ? { unitType } : {}),
    ...(endpoints.length > 0 ? { endpoints } : {}),
    ...(nationalIdSystems.length > 0 ? { nationalIdSystems } : {}),
  }
  return { ...found, draft }
}

function readName(name: string | undefined, place: Place, { faults }: Findings): string | undefined {
  if (name === undefined) faults.push(missing(place('name'), 'send its name, as its staff would say it'))
  else if (isPersonal(name))
    faults.push({
      code: 'field-invalid',
      expression: place('name'),
      text: `found ${describe(name)} with a number like a person's; send the name alone`,
    })
  else return name.trim()
  return undefined
}

/** What was accepted under a sector and a law stays so. */
function lasting<T extends string>(
  field: 'sector' | 'jurisdiction',
  given: T | undefined,
  before: T | undefined,
  place: Place,
  { faults }: Findings,
): T | undefined {
  if (given === undefined && before === undefined)
    faults.push(
      missing(
        place(field),
        field === 'sector'
          ? 'send hospital, municipality, gp or oversight'
          : 'send DK or NO, whose law it works under',
      ),
    )
  if (given !== undefined && before !== undefined && given !== before)
    faults.push({
      code: 'field-invalid',
      expression: place(field),
      text: `found ${describeCode(given)} where ${describeCode(before)} is registered, and what was accepted so stays so; register another organisation`,
    })
  return given ?? before
}

function readIdentifiers(
  { identifiers: given = {} }: OrganizationEntry,
  before: Organization | undefined,
  place: Place,
  { faults, warnings }: Findings,
): Organization['identifiers'] {
  const kept = (before?.identifiers ?? []).filter(({ system }) => {
    const scheme = organizationSchemeOf(system)
    return scheme === undefined || given[scheme] === undefined
  })
  const read = Object.entries(given).flatMap(([scheme, values]) => {
    if (!isOrganizationScheme(scheme)) return []
    return [values].flat().flatMap((value) => {
      const one = readOrganizationIdentifier(scheme, value)
      if ('fault' in one) {
        faults.push({ code: 'field-invalid', expression: place(`identifiers.${scheme}`), text: one.fault })
        return []
      }
      if (one.warning) warnings.push(`${place(`identifiers.${scheme}`)}: ${one.warning}`)
      return [one.identifier]
    })
  })
  const all = [...kept, ...read]
  if (all.length === 0 && Object.values(given).flat().length === 0)
    faults.push(
      missing(
        place('identifiers'),
        `nobody could name it in a consent; send one of its numbers: ${Object.keys(organizationSchemes).join(', ')}`,
      ),
    )
  return all
}

/** Numbers of two countries would leave it without a law, and so with nothing. */
function refuseForeignNumbers(
  identifiers: Organization['identifiers'],
  jurisdiction: Organization['jurisdiction'],
  place: Place,
  { faults }: Findings,
): void {
  for (const { system } of identifiers) {
    const name = organizationSchemeOf(system)
    const scheme = name && organizationSchemes[name]
    if (scheme && 'jurisdiction' in scheme && scheme.jurisdiction !== jurisdiction)
      faults.push({
        code: 'field-invalid',
        expression: place(`identifiers.${name}`),
        text: `found a number of ${scheme.jurisdiction} for an organisation under the law of ${jurisdiction}; correct one of them`,
      })
  }
}

function readUnitType(
  unitType: string | undefined,
  {
    sector,
    jurisdiction,
  }: { readonly sector?: string | undefined; readonly jurisdiction?: 'DK' | 'NO' | undefined },
  {
    place,
    found,
    rules,
  }: { readonly place: Place; readonly found: Findings; readonly rules: OrganizationRules },
): string | undefined {
  const at = place('unitType')
  if (unitType === undefined) {
    if (sector !== 'oversight')
      found.warnings.push(
        `${at}: without a unit type no law is known for it, and it receives nothing; docs/law.md lists them`,
      )
    return undefined
  }
  const known = rules.unitTypes.get(unitType)
  if (!known) {
    found.faults.push({
      code: 'code-unknown',
      expression: at,
      text: `found ${describeCode(unitType)}; send one of ${[...rules.unitTypes.keys()].join(', ')}`,
    })
    return undefined
  }
  if (jurisdiction && known.field[jurisdiction] === undefined)
    found.warnings.push(`${at}: the law of ${jurisdiction} lets a unit of type ${unitType} receive nothing`)
  return unitType
}

function readEndpoints(
  endpoints: readonly string[],
  place: Place,
  { faults }: Findings,
  { allowHttp }: OrganizationRules,
): string[] {
  return endpoints.flatMap((text, i) => {
    const url = URL.parse(text)
    const isFit =
      url &&
      (url.protocol === 'https:' || (allowHttp && url.protocol === 'http:')) &&
      url.username === '' &&
      url.password === '' &&
      url.hash === '' &&
      url.search === ''
    if (isFit) return [url.href]
    faults.push({
      code: 'field-invalid',
      expression: place(`endpoints[${i}]`),
      text: `found ${describe(text)}; send an absolute https address without credentials, query or fragment`,
    })
    return []
  })
}

function readTimeZone(
  given: string | undefined,
  jurisdiction: 'DK' | 'NO' | undefined,
  place: Place,
  { faults }: Findings,
): string | undefined {
  const zone = given ?? (jurisdiction && capitals[jurisdiction])
  if (zone === undefined || isTimeZone(zone)) return zone
  faults.push({
    code: 'field-invalid',
    expression: place('timeZone'),
    text: `found ${describe(zone)}; send a name of the time zone database, such as Europe/Copenhagen`,
  })
  return undefined
}

/** By name: an offset such as `+01:00` is a zone to the library too, and has no summer. */
function isTimeZone(zone: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions()
    return /^[A-Z][A-Za-z]+\//.test(zone) && timeZone.includes('/')
  } catch {
    return false
  }
}

function missing(expression: string, text: string): Fault {
  return { code: 'field-missing', expression, text: `found nothing; ${text}` }
}
