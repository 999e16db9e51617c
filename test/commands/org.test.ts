/** `sluse org`: what is registered, what is refused and how it is said. Issue 4, section 4. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allOrganizations, type Organization } from '#store/organizations.ts'
import { type Sluse, sluseOn } from '#test/registry.ts'
import { openStore, type TestStore } from '#test/stored.ts'

let store: TestStore
let sluse: Sluse
let folder: string

beforeAll(async () => {
  store = await openStore()
  sluse = sluseOn(store.database)
  folder = mkdtempSync(join(tmpdir(), 'sluse-org-'))
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

let files = 0
function file(content: unknown): string {
  files += 1
  const path = join(folder, `${files}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** Each test its own number. */
let last = 999_100_000_000
function sor(): string {
  last += 1
  return String(last)
}

const basic = (...more: readonly string[]): string[] =>
  [
    ['org', 'add', '--name', 'Enhed', '--sector', 'hospital', '--jurisdiction', 'DK'],
    ['--unit-type', 'hospital', ...more],
  ].flat()

async function registered(number: string): Promise<Organization | undefined> {
  return (await allOrganizations(store.database)).find(({ identifiers }) =>
    identifiers.some(({ value }) => value === number),
  )
}

async function audited(id: string): Promise<readonly Record<string, unknown>[]> {
  const rows = await store.database.query<{ entry: string }>({
    text: `select entry from audit_event where kind = 'registry-change' and organization_id = $1 order by recorded`,
    values: [id],
  })
  return rows.map(({ entry }) => JSON.parse(entry) as Record<string, unknown>)
}

describe('org add', () => {
  test('registers all that can be said of an organisation, and says what to do next', async () => {
    const number = sor()
    const { lines, warnings } = await sluse(
      ['org', 'add', '--name', 'Psykiatrisk Afdeling Øst', '--sector', 'hospital', '--jurisdiction', 'DK'],
      ['--unit-type', 'hospital-psychiatry', '--sor', number, '--gln', '9520000000103'],
      ['--sensitivities', 'PSY', 'MH', '--endpoints', 'https://oest.example/notify'],
      ['--national-id-systems', 'cpr', '--as', 'Grete Drift'],
    )
    const organization = await registered(number)
    expect(organization).toEqual({
      id: expect.any(String),
      name: 'Psykiatrisk Afdeling Øst',
      sector: 'hospital',
      jurisdiction: 'DK',
      timeZone: 'Europe/Copenhagen',
      unitType: 'hospital-psychiatry',
      identifiers: [
        { system: 'urn:oid:1.2.208.176.1.1', value: number },
        { system: 'https://www.gs1.org/gln', value: '9520000000103' },
      ],
      sensitivities: ['PSY', 'MH'],
      endpoints: ['https://oest.example/notify'],
      nationalIdSystems: ['urn:oid:1.2.208.176.1.2'],
    })
    expect(warnings).toEqual([])
    expect(lines).toEqual([
      `added Organization/${organization?.id}  Psykiatrisk Afdeling Øst`,
      'next: register the systems that act for it: sluse client add ID --organization <id or scheme:number> …',
    ])
    expect(await audited(organization?.id ?? '')).toEqual([
      {
        v: 1,
        id: expect.any(String),
        kind: 'registry-change',
        at: expect.any(String),
        outcome: 'success',
        operator: 'Grete Drift',
        organization: organization?.id,
        interaction: 'create',
        registered: {
          type: 'Organization',
          id: organization?.id,
          fields: [
            { name: 'endpoints', after: 'https://oest.example/notify' },
            {
              name: 'identifiers',
              after: `urn:oid:1.2.208.176.1.1|${number}, https://www.gs1.org/gln|9520000000103`,
            },
            { name: 'jurisdiction', after: 'DK' },
            { name: 'name', after: 'Psykiatrisk Afdeling Øst' },
            { name: 'nationalIdSystems', after: 'urn:oid:1.2.208.176.1.2' },
            { name: 'sector', after: 'hospital' },
            { name: 'sensitivities', after: 'PSY, MH' },
            { name: 'timeZone', after: 'Europe/Copenhagen' },
            { name: 'unitType', after: 'hospital-psychiatry' },
          ],
        },
      },
    ])
  })

  test('again changes nothing, writes nothing and audits nothing', async () => {
    const number = sor()
    await sluse(...basic('--sor', number))
    const organization = await registered(number)
    const { lines } = await sluse(...basic('--sor', number))
    expect(lines[0]).toBe(`unchanged Organization/${organization?.id}  Enhed`)
    expect(await audited(organization?.id ?? '')).toHaveLength(1)
  })

  test('never changes one that is registered otherwise', async () => {
    const number = sor()
    await sluse(...basic('--sor', number))
    const before = await registered(number)
    await expect(sluse(...basic('--sor', number, '--name', 'En anden'))).rejects.toThrow(
      `field-invalid --name: Organization/${before?.id} is registered with another name; to change it, use \`sluse org change\``,
    )
    expect(await registered(number)).toEqual(before)
  })

  test('--dry-run says all and changes nothing', async () => {
    const number = sor()
    const { lines } = await sluse(...basic('--sor', number, '--dry-run'))
    expect(lines[0]).toMatch(/^would be added Organization\/[0-9a-f-]{36} {2}Enhed$/)
    expect(lines.at(-1)).toBe('nothing was changed: this was a dry run')
    expect(await registered(number)).toBeUndefined()
  })

  test('gives a lost zero back, and says so', async () => {
    const { warnings } = await sluse(...basic('--ydernummer', '91827'))
    expect(warnings).toEqual([
      'warning --ydernummer: `91827` has lost its leading zeros; registered as `091827`, check that it is meant',
    ])
    expect((await registered('091827'))?.identifiers).toEqual([
      { system: 'urn:oid:1.2.208.176.1.4', value: '091827' },
    ])
  })

  test('one without a unit type is registered, with a warning of what follows', async () => {
    const { warnings } = await sluse([
      'org',
      'add',
      '--name',
      'Enhed',
      '--sector',
      'gp',
      '--jurisdiction',
      'DK',
      '--sor',
      sor(),
    ])
    expect(warnings).toEqual([
      'warning --unit-type: without a unit type no law is known for it, and it receives nothing; docs/law.md lists them',
    ])
  })

  test('so is a unit that the law of its country lets receive nothing', async () => {
    const { warnings } = await sluse(
      ['org', 'add', '--name', 'Enhet', '--sector', 'municipality', '--jurisdiction', 'NO'],
      ['--orgnr', '974760673', '--unit-type', 'municipal-drug-treatment'],
    )
    expect(warnings).toEqual([
      'warning --unit-type: the law of NO lets a unit of type municipal-drug-treatment receive nothing',
    ])
    expect((await registered('974760673'))?.timeZone).toBe('Europe/Oslo')
  })

  test('supervision needs no unit type', async () => {
    const { warnings } = await sluse([
      'org',
      'add',
      '--name',
      'Tilsyn',
      '--sector',
      'oversight',
      '--jurisdiction',
      'DK',
      '--sor',
      sor(),
    ])
    expect(warnings).toEqual([])
  })
})

interface Refused {
  readonly title: string
  readonly flags: readonly string[]
  readonly said: string
}

// prettier-ignore
const refused: readonly Refused[] = [
  { title: 'nothing at all', flags: [], said: 'field-missing --name: found nothing; send its name, as its staff would say it\nfield-missing --sector: found nothing; send hospital, municipality, gp or oversight\nfield-missing --jurisdiction: found nothing; send DK or NO, whose law it works under\nfield-missing --identifiers: found nothing; nobody could name it in a consent; send one of its numbers: sor, gln, ydernummer, kommunekode, cvr, herId, resh, orgnr' },
  { title: 'a sector that there is not', flags: ['--sector', 'dentist'], said: 'code-unknown --sector: found `dentist`; send one of hospital, municipality, gp, oversight' },
  { title: 'a country that there is not', flags: ['--jurisdiction', 'SE'], said: 'code-unknown --jurisdiction: found `SE`; send one of DK, NO' },
  { title: 'a name with a national id', flags: ['--name', 'Klinik 250947-9989', '--sector', 'gp', '--jurisdiction', 'DK', '--sor', '999100999999'], said: "field-invalid --name: found a string of 18 characters with a number like a person's; send the name alone" },
  { title: 'a wrong check digit', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--gln', '9520000000012'], said: 'field-invalid --gln: the check digit does not fit; compare each digit with the register and send a GLN, 13 digits' },
  { title: 'a number of the other country', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--orgnr', '889640782'], said: 'field-invalid --orgnr: found a number of NO for an organisation under the law of DK; correct one of them' },
  { title: 'a unit type that there is not', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--sor', '999100999999', '--unit-type', 'dentist'], said: 'code-unknown --unit-type: found `dentist`; send one of health-service, hospital,' },
  { title: 'a sensitivity that there is not', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--sor', '999100999999', '--sensitivities', 'PSY', 'SECRET'], said: 'code-unknown --sensitivities: found `SECRET`; send a sensitivity of v3-ActCode, such as PSY or SUD' },
  { title: 'an endpoint without TLS', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--sor', '999100999999', '--endpoints', 'http://gp.example/'], said: 'field-invalid --endpoints: found a string of 18 characters; send an absolute https address without credentials, query or fragment' },
  { title: 'an endpoint with a password', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--sor', '999100999999', '--endpoints', 'https://u:p@gp.example/'], said: 'field-invalid --endpoints: found a string of 23 characters;' },
  { title: 'a time zone that there is not', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--sor', '999100999999', '--time-zone', 'Europe/Sandkøbing'], said: 'field-invalid --time-zone: found a string of 17 characters; send a name of the time zone database, such as Europe/Copenhagen' },
  { title: 'a national id system that there is not', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--sor', '999100999999', '--national-id-systems', 'ssn'], said: 'code-unknown --national-id-systems: found `ssn`; send one of cpr, xEcpr, fnr, dnr, fhn' },
  { title: 'an id that is none', flags: ['--name', 'E', '--id', '17'], said: 'field-invalid --id: found a string of 2 characters; send a UUID' },
  { title: 'a parent that nobody knows', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--sor', '999100999999', '--part-of', 'sor:999100888888'], said: 'not-found --part-of: no organisation has this number; register it first, or see `sluse org list`' },
  { title: 'a parent that is no name of any', flags: ['--name', 'E', '--sector', 'gp', '--jurisdiction', 'DK', '--sor', '999100999999', '--part-of', 'Region Øst'], said: 'not-found --part-of: found a string of 10 characters that names no organisation; send the id' },
  { title: 'an operator with a national id', flags: ['--as', '2509479989'], said: 'field-invalid --as: this is no name for the audit log;' },
]

test.each(refused)('$title is refused, and nothing is registered', async ({ flags, said }) => {
  const before = await allOrganizations(store.database)
  const refusal = await sluse('org', 'add', ...flags).then(
    () => 'accepted',
    (error: Error) => error.message,
  )
  expect(refusal.slice(0, said.length)).toBe(said)
  expect(await allOrganizations(store.database)).toEqual(before)
})

describe('numbers', () => {
  test('name one organisation: a second one is refused, by whichever name of the system', async () => {
    await sluse(...basic('--gln', '9520000000110'))
    const first = await registered('9520000000110')
    const second = sor()
    await expect(
      sluse(
        'org',
        'add',
        '--file',
        file({
          organizations: [
            {
              ...entry(second),
              identifiers: { sor: second, gln: '9520000000110' },
              id: '4f2c7f2e-3a51-4c6e-9f0e-000000000009',
            },
          ],
        }),
      ),
    ).rejects.toThrow(
      `field-invalid organizations[0].identifiers.gln: this is the number of Organization/${first?.id}, Enhed; a number names one organisation`,
    )
    await expect(
      store.database.query({
        text: `insert into organization (organization_id, name, sector, jurisdiction, time_zone, identifiers) values (gen_random_uuid(), 'x', 'gp', 'DK', 'Europe/Copenhagen', $1)`,
        values: [JSON.stringify([{ system: 'urn:oid:1.3.88', value: '9520000000110' }])],
      }),
    ).rejects.toMatchObject({ constraint: 'organization_identifier_pkey' })
  })

  test('that are given up are free for another', async () => {
    const [kept, given] = [sor(), sor()]
    await sluse(...basic('--sor', kept, given))
    await sluse('org', 'change', `sor:${kept}`, '--sor', kept)
    await sluse(...basic('--sor', given, '--name', 'Efterfølger'))
    expect((await registered(given))?.name).toBe('Efterfølger')
    expect((await registered(kept))?.name).toBe('Enhed')
  })
})

const entry = (number: string) => ({
  name: `Enhed ${number.slice(-3)}`,
  sector: 'hospital',
  jurisdiction: 'DK',
  unitType: 'hospital',
  identifiers: { sor: number },
})

describe('a file', () => {
  test('registers a hierarchy whatever its order, by numbers that stand in the same file', async () => {
    const [region, hospital, ward] = [sor(), sor(), sor()]
    const path = file({
      organizations: [
        { ...entry(ward), partOf: `sor:${hospital}` },
        { ...entry(hospital), partOf: `sor:${region}` },
        entry(region),
      ],
    })
    const first = await sluse('org', 'add', '--file', path)
    expect(first.lines.filter((line) => line.startsWith('added'))).toHaveLength(3)
    const [above, middle, below] = [
      await registered(region),
      await registered(hospital),
      await registered(ward),
    ]
    expect([above?.partOf, middle?.partOf, below?.partOf]).toEqual([undefined, above?.id, middle?.id])
    const second = await sluse('org', 'add', '--file', path)
    expect(second.lines.filter((line) => line.startsWith('unchanged'))).toHaveLength(3)
  })

  test('is registered whole or not at all', async () => {
    const [good, bad] = [sor(), sor()]
    const path = file({ organizations: [entry(good), { ...entry(bad), sector: 'gp', unitType: 'dentist' }] })
    await expect(sluse('org', 'add', '--file', path)).rejects.toThrow(
      'code-unknown organizations[1].unitType: found `dentist`',
    )
    expect(await registered(good)).toBeUndefined()
  })

  test('with the same number twice is refused', async () => {
    const number = sor()
    const path = file({ organizations: [entry(number), { ...entry(number), name: 'Den samme' }] })
    await expect(sluse('org', 'add', '--file', path)).rejects.toThrow(
      'field-invalid organizations[1].identifiers: an earlier organisation of this file has it too; a number names one organisation',
    )
  })

  test('with a circle is refused', async () => {
    const [a, b] = [sor(), sor()]
    const path = file({
      organizations: [
        { ...entry(a), partOf: `sor:${b}` },
        { ...entry(b), partOf: `sor:${a}` },
      ],
    })
    await expect(sluse('org', 'add', '--file', path)).rejects.toThrow(
      'field-invalid organizations[0].partOf: by this it would be part of itself; name an organisation that is not below it',
    )
  })

  const malformed: readonly (readonly [string, unknown, string])[] = [
    ['that is no JSON', '{', 'body-malformed --file: the file cannot be read as JSON;'],
    ['that is empty', {}, 'field-invalid $: found a value of type object; send at least 1'],
    [
      'of clients alone',
      { clients: [{ id: 'abc' }] },
      'field-missing organizations: found nothing; this command takes the organizations of a file',
    ],
    [
      'with a field that there is not',
      { organizations: [{ navn: 'x' }] },
      'field-invalid organizations[0]: found a field `navn` that there is not; correct its name or take it out',
    ],
    [
      'with a number that is no text',
      { organizations: [{ identifiers: { gln: 5 } }] },
      'field-invalid organizations[0].identifiers.gln: found a value of type number; send a value of type string',
    ],
  ]
  test.each(malformed)('%s is refused', async (_title, content, said) => {
    const refusal = await sluse('org', 'add', '--file', file(content)).then(
      () => 'accepted',
      (error: Error) => error.message,
    )
    expect(refusal.slice(0, said.length)).toBe(said)
  })
})

describe('org change', () => {
  test('changes what is named, audits before and after, and leaves the rest', async () => {
    const number = sor()
    await sluse(...basic('--sor', number, '--sensitivities', 'PSY'))
    const before = await registered(number)
    const { lines } = await sluse([
      'org',
      'change',
      before?.id ?? '',
      '--name',
      'Enhed 2',
      '--sensitivities',
      'none',
      '--as',
      'Ole',
    ])
    expect(lines).toEqual([`changed Organization/${before?.id}  Enhed 2: name, sensitivities`])
    expect(await registered(number)).toEqual({ ...before, name: 'Enhed 2', sensitivities: [] })
    expect((await audited(before?.id ?? '')).at(-1)).toMatchObject({
      operator: 'Ole',
      interaction: 'update',
      registered: {
        fields: [
          { name: 'name', before: 'Enhed', after: 'Enhed 2' },
          { name: 'sensitivities', before: 'PSY' },
        ],
      },
    })
    const versions = await store.database.query({
      text: 'select 1 from organization_version where organization_id = $1',
      values: [before?.id],
    })
    expect(versions).toHaveLength(2)
  })

  test('takes an organisation out of another', async () => {
    const [above, below] = [sor(), sor()]
    await sluse(...basic('--sor', above))
    await sluse(...basic('--sor', below, '--part-of', `sor:${above}`))
    await sluse('org', 'change', `sor:${below}`, '--part-of', 'none')
    expect(await registered(below)).not.toHaveProperty('partOf')
  })

  test('refuses a circle over what is registered', async () => {
    const [above, below] = [sor(), sor()]
    await sluse(...basic('--sor', above))
    await sluse(...basic('--sor', below, '--part-of', `sor:${above}`))
    await expect(sluse('org', 'change', `sor:${above}`, '--part-of', `sor:${below}`)).rejects.toThrow(
      'field-invalid --part-of: by this it would be part of itself; name an organisation that is not below it',
    )
  })

  test.each([
    ['--sector', 'gp', 'hospital'],
    ['--jurisdiction', 'NO', 'DK'],
  ])('never %s: what was accepted under it stays', async (flag, other, was) => {
    const number = sor()
    await sluse(...basic('--sor', number))
    const path = file({
      organizations: [{ identifiers: { sor: number }, [flag.slice(2)]: other }],
    })
    await expect(sluse('org', 'change', '--file', path)).rejects.toThrow(
      `field-invalid organizations[0].${flag.slice(2)}: found \`${other}\` where \`${was}\` is registered, and what was accepted so stays so; register another organisation`,
    )
  })

  test('of nobody is refused', async () => {
    await expect(sluse('org', 'change', 'sor:999100777777', '--name', 'x')).rejects.toThrow(
      'not-found ORGANISATION: no organisation has this number',
    )
    const path = file({ organizations: [{ identifiers: { sor: '999100777777' }, name: 'x' }] })
    await expect(sluse('org', 'change', '--file', path)).rejects.toThrow(
      'not-found organizations[0].identifiers: no organisation is registered by this; see `sluse org list`',
    )
  })
})

test('the database refuses a circle too, whoever writes it', async () => {
  const [above, below] = [sor(), sor()]
  await sluse(...basic('--sor', above))
  await sluse(...basic('--sor', below, '--part-of', `sor:${above}`))
  const [a, b] = [await registered(above), await registered(below)]
  await expect(
    store.database.query({
      text: 'update organization set part_of = $2 where organization_id = $1',
      values: [a?.id, b?.id],
    }),
  ).rejects.toMatchObject({ constraint: 'organization_no_cycle' })
})

test('two who each close half of a circle at the same time: one is refused', async () => {
  const [one, other] = [sor(), sor()]
  await sluse(...basic('--sor', one))
  await sluse(...basic('--sor', other))
  const results = await Promise.allSettled([
    sluse('org', 'change', `sor:${one}`, '--part-of', `sor:${other}`),
    sluse('org', 'change', `sor:${other}`, '--part-of', `sor:${one}`),
  ])
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('list and show tell what is registered', async () => {
  const [above, below] = [sor(), sor()]
  await sluse(...basic('--sor', above, '--name', 'Regionen'))
  await sluse(...basic('--sor', below, '--part-of', `sor:${above}`, '--endpoints', 'https://e.example/'))
  const [a, b] = [await registered(above), await registered(below)]
  const list = await sluse('org', 'list')
  expect(list.lines).toContain(`${a?.id}  DK  hospital      hospital  Regionen  sor:${above}`)
  expect(JSON.parse((await sluse('org', 'list', '--json')).lines.join(''))).toContainEqual(b)
  expect((await sluse('org', 'show', `sor:${below}`)).lines).toEqual([
    `id                ${b?.id}`,
    'name              Enhed',
    'sector            hospital',
    'jurisdiction      DK',
    'time zone         Europe/Copenhagen',
    'unit type         hospital',
    `numbers           sor:${below}`,
    `part of           ${a?.id}`,
    'endpoints         https://e.example/',
  ])
  expect((await sluse('org', 'show', `sor:${above}`)).lines.at(-1)).toBe(`has as part       Enhed (${b?.id})`)
})
