import { type OrganizationRecord, organizationSystem } from '#adapters/organization-record.ts'
import type { Hl7Reader } from './hl7-message.ts'

/** A hierarchic designator (name, universal id, type of that id) as an organisation; undefined when it is empty. */
export function facilityRecord(
  message: Hl7Reader,
  segment: 'MSH' | 'PV1',
  { field, component }: { field: number; component?: number },
): OrganizationRecord | undefined {
  // In a field of its own the three parts are components; inside PL they are subcomponents of one.
  const part = (index: number): string =>
    component === undefined
      ? message.field(segment, field, { component: index })
      : message.field(segment, field, { component, subcomponent: index })
  const [name, id, type] = [part(1), part(2), part(3)]
  const system = organizationSystem(type)
  if (system !== undefined && id !== '')
    return { system, value: id, ...(name === '' ? {} : { display: name }) }
  return name === '' ? undefined : { display: name }
}
