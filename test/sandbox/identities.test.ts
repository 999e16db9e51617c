import { describe, expect, test } from 'vitest'
import { parseScope } from '#auth/scopes.ts'
import { readPersonIdentifier } from '#fhir/person-identifier.ts'
import { sandboxCitizens, sandboxClients, sandboxOrganizations } from '#sandbox/identities.ts'

const organizations = Object.values(sandboxOrganizations)
const identifiers = organizations.flatMap((organization) => [...organization.identifiers])

function sectorOf(id: string): string | undefined {
  return organizations.find((each) => each.id === id)?.sector
}

function values(system: string): readonly string[] {
  return identifiers.filter((identifier) => identifier.system === system).map(({ value }) => value)
}

describe('the sandbox organisations', () => {
  test('have ids and identifiers of their own', () => {
    const ids = organizations.map(({ id }) => id)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(new Set(ids).size).toBe(3)
    expect(new Set(identifiers.map(({ system, value }) => `${system}|${value}`)).size).toBe(
      identifiers.length,
    )
  })

  test('have GLNs of the example prefix, with a right check digit', () => {
    const glns = values('https://www.gs1.org/gln')
    expect(glns).toHaveLength(3)
    for (const gln of glns) {
      expect(gln).toMatch(/^952\d{10}$/)
      // https://www.gs1.org/services/how-calculate-check-digit-manually: weights 1 and 3, the sum divides by ten.
      const sum = gln
        .split('')
        .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0)
      expect(sum % 10).toBe(0)
    }
  })

  test('have SOR and provider numbers of the right shape that begin with 999', () => {
    for (const value of values('urn:oid:1.2.208.176.1.1')) expect(value).toMatch(/^999\d{12}$/)
    for (const value of values('urn:oid:1.2.208.176.1.4')) expect(value).toMatch(/^999\d{3}$/)
  })
})

describe('the sandbox clients', () => {
  test('are five, each of an organisation of the sandbox', () => {
    expect(sandboxClients.map(({ id, organizationId }) => [id, sectorOf(organizationId)])).toEqual([
      ['hospital-ehr', 'hospital'],
      ['municipality-system', 'municipality'],
      ['gp-system', 'gp'],
      ['privacy-officer', 'hospital'],
      ['municipality-privacy-officer', 'municipality'],
    ])
  })

  test('ask only for scopes that can be granted', () => {
    for (const scope of sandboxClients.flatMap(({ scopes }) => scopes))
      expect(parseScope(scope), scope).toBeDefined()
  })

  test('the privacy officers see the log, work items and consents, and nothing clinical', () => {
    const officers = sandboxClients.filter(({ id }) => id.endsWith('privacy-officer'))
    const scopes = ['system/AuditEvent.rs', 'system/Consent.r', 'system/Task.rus']
    expect(officers.map((officer) => officer.scopes)).toEqual([scopes, scopes])
  })
})

test('the sandbox citizens can be exchanged, and are test persons of MedCom', () => {
  const citizens = Object.values(sandboxCitizens)
  for (const { system, value } of citizens)
    expect(readPersonIdentifier(system, value)).toEqual({ system, value })
  expect(citizens.map(({ value }) => value)).toEqual(['2509479989', '1502779995'])
})
