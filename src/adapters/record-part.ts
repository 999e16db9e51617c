import type { SourceEntry, SourceRecord, SourceValue } from '#mapping/source-record.ts'
import { sourceReference } from '#mapping/source-record.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { type PersonIdentifier, personSystem, readPersonIdentifier } from '#fhir/person-identifier.ts'
import { conceptRecord } from './code-systems.ts'
import { present } from './fhir-record.ts'
import { type OrganizationRecord, organizationSystems, readOrganization } from './organization-record.ts'
import type { CodePart, ContactPart, EffortPart, OrganizationPart, PersonPart } from './record-shape.ts'

/** Schemes of `record-parts.schema.json` to FHIR systems; those that are missing here are of one place only. */
const schemes: ReadonlyMap<string, string> = new Map([
  ['CPR', personSystem.cpr],
  ['XECPR', personSystem.xEcpr],
  ['FNR', personSystem.fnr],
  ['DNR', personSystem.dnr],
  ['FHN', personSystem.fhn],
])

/** Anonymous treatment (sundhedsloven 141(7)) is lawful, and never matched or exchanged. */
export function personOf(person: PersonPart): PersonIdentifier {
  if (!person.id)
    throw refuse('the record names no citizen: keep anonymous treatment in your own system', '/citizen/id')
  const system = schemes.get(person.id.scheme)
  if (system === undefined)
    throw refuse(
      'the identifier is valid in one place only: send a CPR, fnr or D-number',
      '/citizen/id/scheme',
    )
  return readPersonIdentifier(system, person.id.value, '/citizen/id/value')
}

function refuse(text: string, expression: string): GatewayError {
  return new GatewayError({ code: 'patient-id-not-exchangeable', text, expression })
}

export function organizationOf(
  organization: OrganizationPart,
  expression: string,
  warnings: string[],
): OrganizationRecord {
  const system =
    Object.entries(organizationSystems).find(([scheme]) => scheme === organization.scheme)?.[1] ?? ''
  return readOrganization(
    { system, value: organization.value, display: organization.name },
    { expression: `${expression}/value`, warnings },
  )
}

/** A period as the maps take it; the end, which stands in the field `untilField`, is not before the start. */
export function periodOf(
  part: { readonly from?: string | undefined; readonly until?: string | undefined },
  untilField: string,
): { start?: string; end?: string } {
  const { from, until } = part
  if (from !== undefined && until !== undefined && isBefore(until, from)) {
    throw new GatewayError({
      code: 'field-invalid',
      text: 'the end is before the start: correct one of them',
      expression: untilField,
    })
  }
  return { ...(from === undefined ? {} : { start: from }), ...(until === undefined ? {} : { end: until }) }
}

/** By the day when one of them is a day: a day has no hour to compare. */
function isBefore(a: string, b: string): boolean {
  const isDay = a.length === 10 || b.length === 10
  return isDay ? a.slice(0, 10) < b.slice(0, 10) : Date.parse(a) < Date.parse(b)
}

function codeOf(code: CodePart): SourceRecord {
  return conceptRecord(code.code, code.display ?? '', code.system) ?? {}
}

/** An Encounter from a contact. */
export function contactEntry(
  contact: ContactPart,
  {
    map,
    expression,
    provider,
    warnings,
  }: { map: string; expression: string; provider: OrganizationRecord; warnings: string[] },
): SourceEntry {
  return {
    map,
    key: contact.id,
    record: {
      contactId: contact.id,
      kind: contact.kind,
      status: contact.status,
      ...periodOf(contact, `${expression}/until`),
      reasons: (contact.reasons ?? []).map(codeOf),
      provider: contact.provider
        ? organizationOf(contact.provider, `${expression}/provider`, warnings)
        : provider,
    },
    fields: { kind: `${expression}/kind`, status: `${expression}/status` },
  }
}

export interface EffortContext {
  readonly expression: string
  readonly warnings: string[]
  /** Ids of the record's goals, in order: an effort refers to `#goal-1` and so on. */
  readonly goals: readonly string[]
  readonly contacts: readonly string[]
}

/** An activity of a plan. What it refers to must be in the same record. */
export function effortRecord(
  effort: EffortPart,
  { expression, warnings, goals, contacts }: EffortContext,
): SourceRecord {
  const known = (list: 'goals' | 'contacts', ids: readonly string[]): readonly string[] => {
    const missing = (effort[list] ?? []).findIndex((id) => !ids.includes(id))
    if (missing === -1) return effort[list] ?? []
    throw new GatewayError({
      code: 'field-invalid',
      text: `the record has none of that id among its \`${list}\`: send it along`,
      expression: `${expression}/${list}/${missing}`,
    })
  }
  return present<SourceValue>({
    kind: effort.kind,
    status: effort.status,
    text: effort.text,
    concept: effort.code && codeOf(effort.code),
    ...periodOf(effort, `${expression}/until`),
    responsible:
      effort.responsible && organizationOf(effort.responsible, `${expression}/responsible`, warnings),
    goals: known('goals', goals).map((id) => `#goal-${goals.indexOf(id) + 1}`),
    contacts: known('contacts', contacts).map((id) => sourceReference('Encounter', id)),
  })
}
