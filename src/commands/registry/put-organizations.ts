/** Adds or changes organisations: all of them or none, parents before what is part of them. */
import { randomUUID } from 'node:crypto'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { isOrganizationScheme, readOrganizationIdentifier } from '#fhir/organization-identifier.ts'
import type { Organization } from '#store/organizations.ts'
import { changedFields, organizationFields } from '#store/registry-fields.ts'
import { registerOrganization } from '#store/registry.ts'
import {
  findOrganization,
  type KnownOrganizations,
  knownOrganizations,
  numberOf,
  remember,
} from './known-organizations.ts'
import { readOrganization } from './organization-entry.ts'
import { done, inRegistry, type Registering, type Told } from './registering.ts'
import type { OrganizationEntry, Place } from './registry-file.ts'

export interface PlacedOrganization {
  readonly entry: OrganizationEntry
  readonly place: Place
}

interface Planned extends PlacedOrganization {
  readonly organization: Organization
  readonly before: Organization | undefined
}

/** Adding what is there already changes nothing; it never changes what is there otherwise. */
export async function putOrganizations(
  registering: Registering,
  entries: readonly PlacedOrganization[],
  mode: 'add' | 'change',
): Promise<Told> {
  return inRegistry(registering, async (tx) => {
    const known = await knownOrganizations(tx)
    const warnings: string[] = []
    const planned = plan(entries, mode, { registering, known, warnings })
    const lines: string[] = []
    for (const { organization } of parentsFirst(planned)) {
      const { made, changes } = await registerOrganization(tx, registering.registrar, organization)
      lines.push(
        line(
          registering,
          organization,
          made,
          changes.map(({ name }) => name),
        ),
      )
    }
    return { lines, warnings }
  })
}

interface Planning {
  readonly registering: Registering
  readonly known: KnownOrganizations
  readonly warnings: string[]
}

function plan(entries: readonly PlacedOrganization[], mode: 'add' | 'change', planning: Planning): Planned[] {
  const faults: Fault[] = []
  const taken = new Set<string>()
  const drafted = entries.flatMap((placed) => draft(placed, mode, taken, planning, faults) ?? [])
  const planned = drafted.map((each) => placeBelow(each, planning.known, faults))
  for (const { organization, place } of planned) {
    if (isPartOfItself(organization, planning.known))
      faults.push({
        code: 'field-invalid',
        expression: place('partOf'),
        text: 'by this it would be part of itself; name an organisation that is not below it',
      })
  }
  // Only what is whole can be compared; and whoever has faults to correct is told of those first.
  if (faults.length === 0 && mode === 'add') faults.push(...planned.flatMap(otherwiseRegistered))
  const [first, ...others] = faults
  if (first) throw new GatewayError([first, ...others])
  return planned
}

function draft(
  { entry, place }: PlacedOrganization,
  mode: 'add' | 'change',
  taken: Set<string>,
  { registering, known, warnings }: Planning,
  faults: Fault[],
): Planned | undefined {
  const before = registeredOne(entry, place, known, faults)
  if (before === 'unclear') return undefined
  if (mode === 'change' && !before) {
    faults.push({
      code: 'not-found',
      expression: place(entry.id ? 'id' : 'identifiers'),
      text: 'no organisation is registered by this; see `sluse org list`, or register it with `sluse org add`',
    })
    return undefined
  }
  const read = readOrganization(entry, before, place, {
    unitTypes: registering.unitTypes,
    allowHttp: registering.registry.allowHttp,
  })
  faults.push(...read.faults)
  warnings.push(...read.warnings)
  if (!read.draft) return undefined
  const id = before?.id ?? entry.id ?? randomUUID()
  const twice = [id, ...read.draft.identifiers.map(numberOf)].filter((key) => taken.has(key))
  for (const key of [id, ...read.draft.identifiers.map(numberOf)]) taken.add(key)
  if (twice.length > 0) {
    faults.push({
      code: 'field-invalid',
      expression: place(entry.id !== undefined && twice.includes(id) ? 'id' : 'identifiers'),
      text: 'an earlier organisation of this file has it too; a number names one organisation',
    })
    return undefined
  }
  const organization = { ...read.draft, id, ...(before?.partOf ? { partOf: before.partOf } : {}) }
  remember(known, organization)
  return { entry, place, organization, before }
}

/** By its id; without one, by any of its numbers. */
function registeredOne(
  { id, identifiers = {} }: OrganizationEntry,
  place: Place,
  { byId, byNumber }: KnownOrganizations,
  faults: Fault[],
): Organization | 'unclear' | undefined {
  const owners = Object.entries(identifiers).flatMap(([scheme, values]) =>
    [values].flat().flatMap((value) => {
      const read = isOrganizationScheme(scheme) ? readOrganizationIdentifier(scheme, value) : undefined
      const owner = read && 'identifier' in read ? byNumber.get(numberOf(read.identifier)) : undefined
      return owner ? [{ scheme, owner }] : []
    }),
  )
  const expected = id ?? owners[0]?.owner
  const other = owners.find(({ owner }) => owner !== expected)
  if (other) {
    faults.push({
      code: 'field-invalid',
      expression: place(`identifiers.${other.scheme}`),
      text: `this is the number of Organization/${other.owner}, ${byId.get(other.owner)?.name ?? ''}; a number names one organisation`,
    })
    return 'unclear'
  }
  return expected === undefined ? undefined : byId.get(expected)
}

function placeBelow(planned: Planned, known: KnownOrganizations, faults: Fault[]): Planned {
  const { partOf } = planned.entry
  if (partOf === undefined) return planned
  const { partOf: _before, ...rest } = planned.organization
  const found = partOf === null ? undefined : findOrganization(known, partOf, planned.place('partOf'))
  if (found && 'fault' in found) {
    faults.push(found.fault)
    return planned
  }
  const organization = found ? { ...rest, partOf: found.organization.id } : rest
  remember(known, organization)
  return { ...planned, organization }
}

/** The database refuses it too; here the field is known. */
function isPartOfItself(organization: Organization, { byId }: KnownOrganizations): boolean {
  const passed = new Set<string>()
  for (let at = organization.partOf; at !== undefined && !passed.has(at); at = byId.get(at)?.partOf) {
    if (at === organization.id) return true
    passed.add(at)
  }
  return false
}

function otherwiseRegistered({ organization, before, place }: Planned): Fault[] {
  const changes = before ? changedFields(organizationFields(before), organizationFields(organization)) : []
  const [first] = changes
  return first
    ? [
        {
          code: 'field-invalid',
          expression: place(first.name),
          text: `Organization/${organization.id} is registered with another ${changes.map(({ name }) => name).join(', ')}; to change it, use \`sluse org change\``,
        },
      ]
    : []
}

function parentsFirst(planned: readonly Planned[]): Planned[] {
  const waiting = new Map(planned.map((each) => [each.organization.id, each]))
  const ordered: Planned[] = []
  const take = (each: Planned): void => {
    if (!waiting.delete(each.organization.id)) return
    const parent = waiting.get(each.organization.partOf ?? '')
    if (parent) take(parent)
    ordered.push(each)
  }
  for (const each of planned) take(each)
  return ordered
}

function line(
  registering: Registering,
  { id, name }: Organization,
  made: boolean,
  fields: readonly string[],
): string {
  if (made) return `${done(registering, 'added')} Organization/${id}  ${name}`
  return fields.length === 0
    ? `unchanged Organization/${id}  ${name}`
    : `${done(registering, 'changed')} Organization/${id}  ${name}: ${fields.join(', ')}`
}
