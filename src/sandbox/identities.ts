import type { Client } from '#auth/client.ts'
import { heldTypes } from '#fhir/held-types.ts'
import { personSystem } from '#fhir/person-identifier.ts'
import type { Organization } from '#store/organizations.ts'

/**
 * Who takes part in the sandbox. Nobody here exists: SOR and provider numbers begin with 999, GLNs with 952, the prefix
 * that GS1 keeps for examples (https://www.gs1.org/standards/id-keys/company-prefix), and the citizens are MedCom's
 * test persons. The ids are constants, so that a second start finds what the first one made.
 */
const SOR = 'urn:oid:1.2.208.176.1.1'
const GLN = 'https://www.gs1.org/gln'
const PROVIDER_NUMBER = 'urn:oid:1.2.208.176.1.4'

const danish = { jurisdiction: 'DK', timeZone: 'Europe/Copenhagen' } as const

export const sandboxOrganizations = {
  hospital: {
    ...danish,
    id: 'd6c53133-d0ee-443f-ac0f-2a6cb9c2aafb',
    name: 'Sandkøbing Psykiatri',
    sector: 'hospital',
    identifiers: [
      { system: SOR, value: '999001000016001' },
      { system: GLN, value: '9520000000011' },
    ],
    // A psychiatric unit gives its patients' illness away by its name.
    sensitivities: ['PSY'],
    unitType: 'hospital-psychiatry',
  },
  municipality: {
    ...danish,
    id: '68a392d3-c6b9-43cc-95fb-34b387cb804f',
    name: 'Sandkøbing Kommunes rusmiddelcenter',
    sector: 'municipality',
    identifiers: [
      { system: SOR, value: '999002000016002' },
      { system: GLN, value: '9520000000028' },
    ],
    sensitivities: ['SUD'],
    // Treatment under serviceloven § 101, so a social authority: consent to it is in writing, and lapses after a year.
    unitType: 'municipal-drug-treatment',
  },
  gp: {
    ...danish,
    id: '860cdf70-734b-4cb2-aa53-8877e8d8f030',
    name: 'Lægehuset i Sandkøbing',
    sector: 'gp',
    identifiers: [
      { system: SOR, value: '999003000016003' },
      { system: GLN, value: '9520000000035' },
      { system: PROVIDER_NUMBER, value: '999003' },
    ],
    sensitivities: [],
    unitType: 'gp',
  },
} as const satisfies Record<string, Organization>

/** A client before it has keys: those are made on the first start and stand nowhere in the project. */
export type SandboxClient = Omit<Client, 'sector' | 'jwks' | 'disabled'>

/** What every sector writes; problem lists are the GP's. */
const written = heldTypes.filter((type) => type !== 'Condition')

/** What a system of a sector sends, reads and subscribes to. */
function scopes(...types: readonly string[]): readonly string[] {
  return [
    ...types.map((type) => `system/${type}.cruds`),
    'system/Patient.crus',
    'system/Organization.rs',
    'system/Practitioner.cruds',
    'system/PractitionerRole.cruds',
    'system/Provenance.rs',
    'system/Subscription.cruds',
  ]
}

function privacyOfficer(id: string, organizationId: string): SandboxClient {
  return {
    id,
    organizationId,
    profile: 'smart',
    scopes: ['system/AuditEvent.rs', 'system/Consent.r', 'system/Task.rus'],
    purposeOfUse: ['HCOMPL'],
  }
}

export const sandboxClients: readonly SandboxClient[] = [
  {
    id: 'hospital-ehr',
    organizationId: sandboxOrganizations.hospital.id,
    profile: 'smart',
    scopes: [...scopes(...written), 'system/Condition.rs'],
    purposeOfUse: ['TREAT'],
  },
  {
    id: 'municipality-system',
    organizationId: sandboxOrganizations.municipality.id,
    profile: 'smart',
    scopes: [...scopes(...written), 'system/Condition.rs'],
    purposeOfUse: ['TREAT'],
  },
  {
    id: 'gp-system',
    organizationId: sandboxOrganizations.gp.id,
    profile: 'smart',
    scopes: scopes(...heldTypes),
    purposeOfUse: ['TREAT'],
  },
  // Each sees the log and the work items of its own organisation, asks $decide, and sees no clinical data.
  privacyOfficer('privacy-officer', sandboxOrganizations.hospital.id),
  privacyOfficer('municipality-privacy-officer', sandboxOrganizations.municipality.id),
]

/** MedCom's test persons: `elmer` is the citizen of the story, `berggren` has given no consent to anything. */
export const sandboxCitizens = {
  elmer: { system: personSystem.cpr, value: '2509479989' },
  berggren: { system: personSystem.cpr, value: '1502779995' },
} as const
