/**
 * What the directory keeps of a Practitioner and a PractitionerRole: what an authorisation register and a door plate say. Whatever else is
 * sent, such as birth date, gender, address, photo or a private telephone number, is not stored, and the answer says so.
 */
import type {
  ContactPoint,
  HumanName,
  Identifier,
  Practitioner,
  PractitionerRole,
  Resource,
} from '@medplum/fhirtypes'
import { type Fault, GatewayError } from '#fhir/gateway-error.ts'
import type { Validator } from '#fhir/validate.ts'
import { refuse } from '#intake/prepare.ts'
import { strayNationalIds } from '#intake/subject.ts'
import type { DirectoryContent, DirectoryType } from '#store/directory.ts'

export interface ReadEntry {
  readonly content: DirectoryContent
  /** Paths of what was sent and is not kept. */
  readonly left: readonly string[]
}

/** Public registers of health personnel, each with the form of its numbers. */
const AUTHORISATIONS: ReadonlyMap<string, RegExp> = new Map([
  // Styrelsen for Patientsikkerhed: consonants, Y and digits. https://hl7.dk/fhir/core/
  ['https://autregweb.sst.dk', /^[0-9B-DF-HJ-NP-TV-Z]{5}$/],
  // Helsepersonellregisteret (HPR). https://simplifier.net/hl7norwayno-basis
  ['urn:oid:2.16.578.1.12.4.1.4.4', /^[1-9][0-9]{0,8}$/],
])

export function readDirectoryContent(validator: Validator, sent: Resource, type: DirectoryType): ReadEntry {
  if (sent.resourceType !== type)
    throw new GatewayError({ code: 'field-invalid', expression: 'resourceType', text: `send a ${type}` })
  // Made by others it may say what no element says.
  const { text: _dropped, ...judged } = sent
  refuse(validator.validate(judged))
  refuse(strayNationalIds(judged, type))
  const { content, left } = judged.resourceType === 'Practitioner' ? practitioner(judged) : role(judged)
  return { content, left: [...unlisted(judged, content), ...left] }
}

interface Kept<R> {
  readonly content: R
  readonly left: readonly string[]
}

function practitioner(sent: Omit<Practitioner, 'text'>): Kept<Practitioner> {
  refuse(faultsOfPractitioner(sent))
  const { active, identifier = [], name = [], qualification = [] } = sent
  const numbers = identifier.filter(({ system }) => AUTHORISATIONS.has(system ?? ''))
  return {
    content: {
      resourceType: 'Practitioner',
      ...(active === undefined ? {} : { active }),
      ...listed('identifier', numbers.map(bareIdentifier)),
      ...listed('name', name.map(bareName)),
      ...listed(
        'qualification',
        qualification.map(({ code, period }) => ({
          code: bareConcept(code),
          ...(period ? { period: barePeriod(period) } : {}),
        })),
      ),
    },
    left: identifier.flatMap(({ system }, at) =>
      AUTHORISATIONS.has(system ?? '') ? [] : [`Practitioner.identifier[${at}]`],
    ),
  }
}

function faultsOfPractitioner({ identifier = [], name = [] }: Omit<Practitioner, 'text'>): Fault[] {
  const faults: Fault[] = identifier.flatMap(({ system = '', value = '' }, at) => {
    const form = AUTHORISATIONS.get(system)
    if (!form || form.test(value)) return []
    return [
      {
        code: 'field-invalid' as const,
        expression: `Practitioner.identifier[${at}].value`,
        text: 'this is no number of its register; a Danish authorisation id has 5 characters, an HPR number 1 to 9 digits',
      },
    ]
  })
  if (name.length === 0) {
    faults.push({
      code: 'field-missing',
      expression: 'Practitioner.name',
      text: 'name the person, as the register or the door plate does',
    })
  }
  if (/\d{6}/.test(JSON.stringify(name).replaceAll(/[-\s]/g, ''))) {
    faults.push({
      code: 'field-invalid',
      expression: 'Practitioner.name',
      text: 'a name with a number in it; send the name alone',
    })
  }
  return faults
}

function role(sent: Omit<PractitionerRole, 'text'>): Kept<PractitionerRole> {
  const { active, period, practitioner: person, organization, code = [], specialty = [], telecom = [] } = sent
  const work = telecom.filter(({ use }) => use === 'work')
  return {
    content: {
      resourceType: 'PractitionerRole',
      ...(active === undefined ? {} : { active }),
      ...(period ? { period: barePeriod(period) } : {}),
      ...(person?.reference === undefined ? {} : { practitioner: { reference: person.reference } }),
      ...(organization?.reference === undefined
        ? {}
        : { organization: { reference: organization.reference } }),
      ...listed('code', code.map(bareConcept)),
      ...listed('specialty', specialty.map(bareConcept)),
      ...listed('telecom', work.map(bareContact)),
    },
    left: telecom.flatMap(({ use }, at) => (use === 'work' ? [] : [`PractitionerRole.telecom[${at}]`])),
  }
}

/** Elements that are not kept at all. `meta` and `id` are ours; `resourceType` stands in the content. */
function unlisted(sent: DirectoryContent, content: DirectoryContent): string[] {
  const kept = new Set([...Object.keys(content), 'id', 'meta', ...HANDLED[content.resourceType]])
  return Object.keys(sent)
    .filter((name) => !kept.has(name))
    .map((name) => `${content.resourceType}.${name}`)
}

/** Told of one by one. */
const HANDLED: Readonly<Record<DirectoryType, readonly string[]>> = {
  Practitioner: ['identifier'],
  PractitionerRole: ['telecom'],
}

function listed<Name extends string, T>(name: Name, list: readonly T[]): Partial<Record<Name, T[]>> {
  const made: Partial<Record<Name, T[]>> = {}
  if (list.length > 0) made[name] = [...list]
  return made
}

// Element by element: an extension may hold what the element itself may not.

function bareIdentifier({ system, value }: Identifier): Identifier {
  return { ...(system === undefined ? {} : { system }), ...(value === undefined ? {} : { value }) }
}

function bareName({ use, text, family, given, prefix, suffix }: HumanName): HumanName {
  return {
    ...(use ? { use } : {}),
    ...(text === undefined ? {} : { text }),
    ...(family === undefined ? {} : { family }),
    ...(given ? { given } : {}),
    ...(prefix ? { prefix } : {}),
    ...(suffix ? { suffix } : {}),
  }
}

type Concept = NonNullable<PractitionerRole['code']>[number]

function bareConcept({ coding, text }: Concept): Concept {
  return {
    ...(coding
      ? {
          coding: coding.map(({ system, code, display }) => ({
            ...(system === undefined ? {} : { system }),
            ...(code === undefined ? {} : { code }),
            ...(display === undefined ? {} : { display }),
          })),
        }
      : {}),
    ...(text === undefined ? {} : { text }),
  }
}

type Period = NonNullable<PractitionerRole['period']>

function barePeriod({ start, end }: Period): Period {
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }
}

function bareContact({ system, value, use }: ContactPoint): ContactPoint {
  return {
    ...(system ? { system } : {}),
    ...(value === undefined ? {} : { value }),
    ...(use ? { use } : {}),
  }
}
