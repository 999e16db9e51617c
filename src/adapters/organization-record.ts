import { GatewayError, describe } from '#fhir/gateway-error.ts'

/** An organisation as the maps take it: a logical reference, since no two senders share a register of ours. */
export interface OrganizationRecord {
  readonly [element: string]: string | undefined
  readonly system?: string
  readonly value?: string
  readonly display?: string
}

/** dk-core and MedCom; GLN is written with `https` as MedCom does. */
export const organizationSystems = {
  SOR: 'urn:oid:1.2.208.176.1.1',
  GLN: 'https://www.gs1.org/gln',
  YDERNUMMER: 'urn:oid:1.2.208.176.1.4',
  CVR: 'http://cvr.dk',
} as const

export function organizationSystem(scheme: string): string | undefined {
  return Object.entries(organizationSystems).find(([name]) => name === scheme)?.[1]
}

/** Spellings of one system, met in samples: https and http, the bare OID of GLN, and SOR under its parent. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['http://www.gs1.org/gln', organizationSystems.GLN],
  ['urn:oid:1.3.88', organizationSystems.GLN],
  ['urn:oid.1.2.208.176.1.4', organizationSystems.YDERNUMMER],
  ['urn:oid:1.2.208.176.1', organizationSystems.SOR],
])

const shapes: ReadonlyMap<string, RegExp> = new Map([
  [organizationSystems.SOR, /^[0-9]{11,18}$/],
  [organizationSystems.GLN, /^[0-9]{13}$/],
  [organizationSystems.YDERNUMMER, /^[0-9]{6}$/],
  [organizationSystems.CVR, /^[0-9]{8}$/],
])

/**
 * An organisation's identifier in the one system that we compare by; a ydernummer that lost its zero gets it back.
 * Identifiers of other systems pass as they are, and match nobody.
 */
export function readOrganization(
  { system, value, display }: { system: string; value: string; display?: string | undefined },
  { expression, warnings }: { expression: string; warnings: string[] },
): OrganizationRecord {
  const known = aliases.get(system) ?? system
  if (known !== system) warnings.push(`${expression}: the system was read as \`${known}\``)
  let number = value
  if (known === organizationSystems.YDERNUMMER && /^[0-9]{5}$/.test(value)) {
    number = `0${value}`
    warnings.push(`${expression}: the ydernummer had five digits: a zero was put before it`)
  }
  if (shapes.get(known)?.test(number) === false) {
    throw new GatewayError({
      code: 'field-invalid',
      text: `${describe(value)} is no number of this register: correct the organisation's identifier`,
      expression,
    })
  }
  return { system: known, value: number, ...(display === undefined ? {} : { display }) }
}
