/** Adds or changes clients: all of them or none. */
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import { type ClientRegistration, findRegistration } from '#store/client-registrations.ts'
import type { Transaction } from '#store/database.ts'
import type { Organization } from '#store/organizations.ts'
import { changedFields, clientFields } from '#store/registry-fields.ts'
import { registerClient } from '#store/registry.ts'
import { readClient } from './client-entry.ts'
import { findOrganization, type KnownOrganizations, knownOrganizations } from './known-organizations.ts'
import { done, inRegistry, type Registering, type Told } from './registering.ts'
import type { ClientEntry, Place } from './registry-file.ts'

export interface PlacedClient {
  readonly entry: ClientEntry
  readonly place: Place
}

interface Planned {
  readonly registration: ClientRegistration
  readonly before: ClientRegistration | undefined
  readonly place: Place
}

export async function putClients(
  registering: Registering,
  entries: readonly PlacedClient[],
  mode: 'add' | 'change',
): Promise<Told> {
  return inRegistry(registering, async (tx) => {
    const known = await knownOrganizations(tx)
    const warnings: string[] = []
    const planned = await plan(tx, entries, mode, { registering, known, warnings })
    const lines: string[] = []
    for (const { registration } of planned) {
      const { made, changes } = await registerClient(tx, registering.registrar, registration)
      const names = changes.map(({ name }) => name)
      lines.push(...told(registering, registration, made, names))
    }
    return { lines, warnings }
  })
}

interface Planning {
  readonly registering: Registering
  readonly known: KnownOrganizations
  readonly warnings: string[]
}

async function plan(
  tx: Transaction,
  entries: readonly PlacedClient[],
  mode: 'add' | 'change',
  { registering, known, warnings }: Planning,
): Promise<Planned[]> {
  const faults: Fault[] = []
  const planned: Planned[] = []
  const ids = new Set<string>()
  for (const { entry, place } of entries) {
    const before = await findRegistration(tx, entry.id)
    if (ids.has(entry.id))
      faults.push({
        code: 'field-invalid',
        expression: place('id'),
        text: 'an earlier client of this file has it too',
      })
    ids.add(entry.id)
    if (mode === 'change' && !before) {
      faults.push(unknownClient(place('id')))
      continue
    }
    const organization = organizationOf(entry, before, place, known, faults)
    const read = readClient(entry, { organization, before, place, allowHttp: registering.registry.allowHttp })
    faults.push(...read.faults)
    warnings.push(...read.warnings)
    if (!read.registration) continue
    const { registration } = read
    if (mode === 'add' && before) faults.push(...otherwiseRegistered(registration, before, place))
    planned.push({ registration, before, place })
  }
  const [first, ...others] = faults
  if (first) throw new GatewayError([first, ...others])
  return planned
}

export function unknownClient(expression: string): Fault {
  return {
    code: 'not-found',
    expression,
    text: 'no client is registered by this id; see `sluse client list`, or register it with `sluse client add`',
  }
}

/** A client stays with its organisation: whose what it sent is, is decided by it. */
function organizationOf(
  { organization: reference }: ClientEntry,
  before: ClientRegistration | undefined,
  place: Place,
  known: KnownOrganizations,
  faults: Fault[],
): Organization | undefined {
  const expression = place('organization')
  if (reference === undefined) {
    const own = known.byId.get(before?.organizationId ?? '')
    if (!own)
      faults.push({
        code: 'field-missing',
        expression,
        text: 'found nothing; send the organisation that it acts for',
      })
    return own
  }
  const found = findOrganization(known, reference, expression)
  if ('fault' in found) {
    faults.push(found.fault)
    return undefined
  }
  if (!before || before.organizationId === found.organization.id) return found.organization
  faults.push({
    code: 'field-invalid',
    expression,
    text: 'the client belongs to another organisation, and what it sent stays there; register another client',
  })
  return undefined
}

function otherwiseRegistered(
  registration: ClientRegistration,
  before: ClientRegistration,
  place: Place,
): Fault[] {
  const names = changedFields(clientFields(before), clientFields(registration)).map(({ name }) => name)
  const [first] = names
  return first
    ? [
        {
          code: 'field-invalid',
          expression: place('id'),
          text: `the client is registered with another ${names.join(', ')}; to change it, use \`sluse client change\` or \`sluse client rotate\``,
        },
      ]
    : []
}

function told(
  registering: Registering,
  { id, profile, jwks, scopes, mayOverride }: ClientRegistration,
  made: boolean,
  fields: readonly string[],
): string[] {
  if (!made)
    return [
      fields.length === 0 ? `unchanged ${id}` : `${done(registering, 'changed')} ${id}: ${fields.join(', ')}`,
    ]
  return [
    `${done(registering, 'added')} ${id}`,
    'its system needs:',
    `  client id   ${id}`,
    `  token URL   ${registering.registry.tokenUrl}`,
    `  profile     ${profile}`,
    ...jwks.keys.map(({ kid = '' }) => `  kid         ${kid}`),
    `  scope       ${scopes.join(' ')}`,
    ...(mayOverride
      ? [`next: name who may break the glass: sluse client allow-override ${id} --person SYSTEM|NUMBER`]
      : []),
  ]
}
