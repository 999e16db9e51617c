import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseConditionList } from '#adapters/gp/parse-condition-list.ts'
import { parseContact } from '#adapters/gp/parse-contact.ts'
import { parseAdt } from '#adapters/hospital/parse-adt.ts'
import { parseNotification } from '#adapters/hospital/parse-notification.ts'
import { parseRecord } from '#adapters/municipality/parse-record.ts'
import { readLabelRules } from '#assets/codes.ts'
import { readMappings } from '#assets/mappings.ts'
import { prepare } from '#intake/prepare.ts'
import { resolveSourceReferences } from '#intake/source-references.ts'
import { inContext } from '#label/in-context.ts'
import { label } from '#label/label.ts'
import { compileMaps } from '#mapping/compile.ts'
import type { SourceMessage } from '#mapping/source-record.ts'
import { transform } from '#mapping/transform.ts'
import { sandboxCitizens, sandboxOrganizations } from '#sandbox/identities.ts'
import type { AcceptedResource } from '#store/commit.ts'
import { sensitiveUnitsOf } from '#store/organizations.ts'
import { profileUrl, validator } from '#test/validator.ts'

const root = new URL('../../', import.meta.url)
const folder = new URL('src/sandbox/samples/', root)
const files = readdirSync(folder)
const labelRules = readLabelRules(root)

function bytesOf(file: string): Uint8Array {
  return readFileSync(new URL(file, folder))
}

function jsonOf(file: string) {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
}

interface Sample {
  readonly file: string
  readonly sector: 'hospital' | 'municipality' | 'gp'
  readonly parse: (bytes: Uint8Array) => SourceMessage
  readonly citizen: keyof typeof sandboxCitizens
  /** The type that its map makes, and the key, of every entry. */
  readonly entries: readonly (readonly [type: string, key: string])[]
  readonly warnings?: readonly string[]
  /** Of what comes of each entry: type, sensitivities and confidentiality. */
  readonly labels: readonly (readonly [type: string, sensitivities: string, confidentiality: string])[]
}

const messages: readonly Sample[] = [
  {
    file: 'adt-a01.hl7',
    sector: 'hospital',
    parse: parseAdt,
    labels: [['Encounter', 'PSY SSP', 'R']],
    citizen: 'elmer',
    entries: [['Encounter', 'SBX-10021']],
  },
  {
    file: 'adt-a03.hl7',
    sector: 'hospital',
    parse: parseAdt,
    labels: [['Encounter', 'PSY SSP', 'R']],
    citizen: 'elmer',
    entries: [['Encounter', 'SBX-10021']],
  },
  {
    file: 'hospitalnotification-admit.json',
    sector: 'hospital',
    parse: parseNotification,
    labels: [['Encounter', 'PSY SSP', 'R']],
    citizen: 'berggren',
    entries: [
      [
        'Encounter',
        'https://www.esundhed.dk/Registre/Landspatientregisteret|urn:uuid:b84c71ce-df6e-42aa-88b9-40d4dcfae9a4',
      ],
    ],
  },
  {
    file: 'municipality-record.json',
    sector: 'municipality',
    parse: parseRecord,
    labels: [
      ['CarePlan', 'ETHUD SSP SUD', 'V'],
      ['Encounter', 'ETHUD SSP SUD', 'R'],
    ],
    citizen: 'elmer',
    entries: [
      ['CarePlan', 'SBX-FORLOEB-311'],
      ['Encounter', 'SBX-KONTAKT-1'],
    ],
  },
  {
    file: 'gp-contact.json',
    sector: 'gp',
    parse: parseContact,
    labels: [
      ['Encounter', 'PSY', 'R'],
      ['CarePlan', 'PSY', 'R'],
      // It names the psychiatric unit as its recipient.
      ['Consent', 'PSY SSP', 'R'],
    ],
    citizen: 'elmer',
    entries: [
      ['Encounter', 'SBX-KONSULTATION-77'],
      ['CarePlan', 'SBX-LAEGEPLAN-77'],
      ['Consent', 'SBX-SAMTYKKE-0003'],
    ],
  },
  {
    file: 'gp-condition-list.json',
    sector: 'gp',
    parse: parseConditionList,
    labels: [
      ['Condition', 'PSY', 'R'],
      ['Condition', 'ETHUD', 'R'],
      ['Condition', '', 'N'],
      ['Condition', '', 'V'],
    ],
    citizen: 'elmer',
    entries: [
      ['Condition', '4e30ad83-6d3f-4e81-9f97-30714d219e65'],
      ['Condition', '5f41be94-7e40-4f92-80a8-41825e32af76'],
      ['Condition', '6052cfa5-8f51-40a3-91b9-52936f43b087'],
      ['Condition', '7163d0b6-9062-41b4-82ca-63a47054c198'],
    ],
    warnings: ['Bundle.entry[6].resource.code: no code of a known system: it is labelled as most restricted'],
  },
]

const resources = ['careplan-hospital.json', 'consent-hospital.json'] as const

describe('a sample message', () => {
  test.each(messages)('$file is read', ({ file, parse, citizen, entries, warnings }) => {
    const message = parse(bytesOf(file))
    expect(message.patient).toEqual(sandboxCitizens[citizen])
    expect(message.warnings).toEqual(warnings ?? [])
    expect(message.entries.map(({ map, key }) => [/To([A-Z][A-Za-z]+)$/.exec(map)?.[1], key])).toEqual(
      entries,
    )
  })

  test('admission and discharge are two messages about one stay', () => {
    const [admission, discharge] = ['adt-a01.hl7', 'adt-a03.hl7'].map((file) => parseAdt(bytesOf(file)))
    expect(admission?.messageId).not.toBe(discharge?.messageId)
    expect(admission?.entries[0]?.key).toBe(discharge?.entries[0]?.key)
  })
})

describe('what a sample message becomes', () => {
  const maps = compileMaps(readMappings(new URL('mappings/', root)))
  const named = {
    subjectId: '0f8f5a0e-8f0c-4a57-9a55-5c1c1a3f7d21',
    id: '1b0f6a50-3a0c-4b5e-8c64-0d4f2a9e6b32',
    versionId: '2c1e7b61-4b1d-4c6f-9d75-1e5f3b0f7c43',
  }

  const sensitiveUnits = sensitiveUnitsOf(Object.values(sandboxOrganizations))

  /** As intake does it, without the database; `prepare` throws when a resource is not valid. */
  function accepted({ file, parse, sector }: Sample): readonly AcceptedResource[] {
    return parse(bytesOf(file)).entries.map(({ map, record, fields }) => {
      const resource = resolveSourceReferences(
        transform(maps, map, record, fields),
        (type) => `${type}/${named.id}`,
      )
      const organization = sandboxOrganizations[sector]
      const prepared = prepare({ validator, labelRules }, resource, named, { organization })
      const custodianSensitivities = organization.sensitivities
      const around = { custodianSensitivities, sensitiveUnits }
      return { ...prepared, labels: inContext(prepared.labels, prepared.resourceType, around) }
    })
  }

  test.each(messages)('$file is valid, and labelled', (sample) => {
    expect(
      accepted(sample).map(({ resourceType, labels }) => [
        resourceType,
        labels.sensitivities.join(' '),
        labels.confidentiality,
      ]),
    ).toEqual(sample.labels)
  })
})

describe('a sample resource', () => {
  test.each(resources)('%s is valid against its profile', (file) => {
    const name = file.startsWith('consent') ? 'consent' : 'careplan'
    expect(validator.validate(jsonOf(file), profileUrl(name))).toEqual([])
  })

  test('the hospital plan has one activity and one goal about alcohol, and the rest is psychiatry', () => {
    const { elements } = label(jsonOf('careplan-hospital.json'), labelRules, {
      custodianSensitivities: [],
    })
    const about = (sensitivity: string): readonly string[] => {
      const paths = elements
        .filter(({ sensitivities }) => sensitivities.includes(sensitivity))
        .map(({ path }) => path)
      return [...new Set(paths)].filter((path) => /activity|goal/.test(path)).sort()
    }
    expect(about('ETHUD')).toEqual(['CarePlan.activity[2]', 'CarePlan.goal[1]'])
    expect(about('PSY')).toEqual(
      [0, 1, 2, 3].map((index) => `CarePlan.activity[${index}]`).concat('CarePlan.goal[0]'),
    )
    // No text that nobody classified: it would be most restricted, and the plan would go nowhere.
    expect(elements.filter(({ confidentiality }) => confidentiality === 'V')).toEqual([])
  })

  test('the consent names the two recipients by identifiers that they have', () => {
    const { municipality, gp } = sandboxOrganizations
    const known: readonly unknown[] = [...municipality.identifiers, ...gp.identifiers]
    const actors: readonly { reference: { identifier: unknown } }[] =
      jsonOf('consent-hospital.json').provision.actor
    for (const { reference } of actors) expect(known).toContainEqual(reference.identifier)
    expect(actors).toHaveLength(2)
  })
})

describe('every sample', () => {
  test('is listed in README.md and read by a test here', () => {
    const readme = new TextDecoder().decode(bytesOf('README.md'))
    const tested = [...messages.map(({ file }) => file), ...resources]
    expect(files.filter((file) => file !== 'README.md').sort()).toEqual(tested.sort())
    for (const file of tested) expect(readme).toContain(`\`${file}\``)
  })

  test.each(files)("%s holds no number of ten or eleven digits but a test person's", (file) => {
    const numbers =
      new TextDecoder().decode(bytesOf(file)).match(/(?<![0-9a-f])\d{6}-?\d{4,5}(?![0-9a-f])/g) ?? []
    const reserved: readonly string[] = Object.values(sandboxCitizens).map(({ value }) => value)
    expect(numbers.filter((number) => !reserved.includes(number))).toEqual([])
  })

  test.each(files.filter((file) => file.endsWith('.hl7')))('%s ends its segments with CR', (file) => {
    const text = new TextDecoder().decode(bytesOf(file))
    expect(text).not.toContain('\n')
    expect(text.endsWith('\r')).toBe(true)
  })
})
