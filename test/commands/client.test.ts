/** `sluse client`: what is registered, what is refused and how it is said. Issue 4, section 4. */
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allRegistrations, type ClientRegistration, findRegistration } from '#store/client-registrations.ts'
import { mayOverride } from '#store/overrides.ts'
import { physician } from '#test/overrides.ts'
import { type Sluse, sluseOn } from '#test/registry.ts'
import { openStore, type TestStore } from '#test/stored.ts'

let store: TestStore
let sluse: Sluse
let folder: string
const HOSPITAL = 'd6c53133-d0ee-443f-ac0f-2a6cb9c2aafb'
const ehr = generateKeyPairSync('ec', { namedCurve: 'P-384' })

beforeAll(async () => {
  store = await openStore()
  sluse = sluseOn(store.database)
  folder = mkdtempSync(join(tmpdir(), 'sluse-client-'))
  const organizations = [
    {
      ...unit('Sandkøbing Psykiatri', 'hospital', '999001000016001'),
      id: HOSPITAL,
      unitType: 'hospital-psychiatry',
    },
    unit('Tilsynet', 'oversight', '999009000016009'),
  ]
  await sluse('org', 'add', '--file', file('orgs.json', JSON.stringify({ organizations })))
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const unit = (name: string, sector: string, sor: string) => ({
  name,
  sector,
  jurisdiction: 'DK',
  identifiers: { sor },
})

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const jwk = (kid: string, key = ehr.publicKey): JsonWebKey => ({ ...key.export({ format: 'jwk' }), kid })
const keySet = (...kids: readonly string[]): string =>
  file(`${kids.join('-')}.jwks`, JSON.stringify({ keys: kids.map((kid) => jwk(kid)) }))

let last = 0
function newId(): string {
  last += 1
  return `system-${last}`
}

const basic = (id: string, ...more: readonly string[]): string[] =>
  [
    ['client', 'add', id, '--organization', 'sor:999001000016001', '--scopes', 'system/CarePlan.rs'],
    ['--purposes-of-use', 'TREAT', ...more],
  ].flat()
const withKeys = (id: string, ...more: readonly string[]): string[] =>
  basic(id, '--keys-file', keySet('first'), ...more)

const registered = (id: string): Promise<ClientRegistration | undefined> =>
  findRegistration(store.database, id)

async function audited(id: string): Promise<readonly Record<string, unknown>[]> {
  const rows = await store.database.query<{ entry: string }>({
    text: `select entry from audit_event where kind = 'registry-change' order by recorded`,
  })
  return rows
    .map(({ entry }) => JSON.parse(entry) as Record<string, unknown>)
    .filter(({ registered: what }) => (what as { id: string }).id === id)
}

const refusalOf = (command: Promise<unknown>): Promise<string> =>
  command.then(
    () => 'accepted',
    (error: Error) => error.message,
  )

describe('client add', () => {
  test('registers all that can be said of a client, and tells its system what it needs', async () => {
    const id = newId()
    const { lines, warnings } = await sluse(
      ['client', 'add', id, '--organization', HOSPITAL, '--profile', 'smart', '--keys-file', keySet('k1')],
      ['--scopes', 'system/CarePlan.crus', 'system/Consent.cru', '--purposes-of-use', 'TREAT', 'HPAYMT'],
      [
        '--address-ranges',
        '192.0.2.0/24',
        '2001:db8::/32',
        '--assertion-algorithms',
        'PS256',
        '--as',
        'Grete',
      ],
    )
    expect(warnings).toEqual([])
    expect(lines).toEqual([
      `added ${id}`,
      'its system needs:',
      `  client id   ${id}`,
      '  token URL   https://sluse.example/oauth/token',
      '  profile     smart',
      '  kid         k1',
      '  scope       system/CarePlan.crus system/Consent.cru',
    ])
    expect(await registered(id)).toEqual({
      id,
      organizationId: HOSPITAL,
      profile: 'smart',
      assertionAlgorithms: ['PS256'],
      jwks: { keys: [{ ...jwk('k1'), use: 'sig', alg: 'ES384' }] },
      resourceServer: false,
      scopes: ['system/CarePlan.crus', 'system/Consent.cru'],
      purposeOfUse: ['TREAT', 'HPAYMT'],
      addressRanges: ['192.0.2.0/24', '2001:db8::/32'],
      mayOverride: false,
      overridePersons: [],
      disabled: false,
    })
    expect(await audited(id)).toEqual([
      {
        v: 1,
        id: expect.any(String),
        kind: 'registry-change',
        at: expect.any(String),
        outcome: 'success',
        operator: 'Grete',
        organization: HOSPITAL,
        interaction: 'create',
        registered: {
          type: 'Client',
          id,
          fields: [
            { name: 'addressRanges', after: '192.0.2.0/24, 2001:db8::/32' },
            { name: 'assertionAlgorithms', after: 'PS256' },
            { name: 'keys', after: expect.stringMatching(/^k1 \([\w-]{43}\)$/) },
            { name: 'organizationId', after: HOSPITAL },
            { name: 'profile', after: 'smart' },
            { name: 'purposeOfUse', after: 'TREAT, HPAYMT' },
            { name: 'scopes', after: 'system/CarePlan.crus, system/Consent.cru' },
          ],
        },
      },
    ])
  })

  test('again changes nothing and audits nothing; otherwise it is refused', async () => {
    const id = newId()
    await sluse(...withKeys(id))
    const before = await registered(id)
    expect((await sluse(...withKeys(id))).lines).toEqual([`unchanged ${id}`])
    expect(await audited(id)).toHaveLength(1)
    expect(await refusalOf(sluse(...withKeys(id, '--address-ranges', '192.0.2.1')))).toBe(
      'field-invalid ID: the client is registered with another addressRanges; to change it, use `sluse client change` or `sluse client rotate`',
    )
    expect(await registered(id)).toEqual(before)
  })

  test('makes a key into a file of mode 0600, and shows it to nobody', async () => {
    const id = newId()
    const path = join(folder, `${id}.json`)
    const { lines } = await sluse(...basic(id, '--generate-key', path))
    const made = JSON.parse(readFileSync(path, 'utf8')) as JsonWebKey & { kid: string }
    const { d = '', ...rest } = made
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(d).toMatch(/^[\w-]{64}$/)
    expect((await registered(id))?.jwks).toEqual({ keys: [{ ...rest, use: 'sig' }] })
    expect(lines.join('\n')).toContain(`  kid         ${made.kid}`)
    expect(lines.at(-1)).toContain(path)
    const rows = await store.database.query({ text: 'select to_jsonb(c) as row from client c' })
    expect(JSON.stringify([lines, rows, await audited(id)])).not.toContain(d)
  })

  test('leaves no key of a registration that was refused, or only tried', async () => {
    const path = join(folder, 'refused.json')
    expect(await refusalOf(sluse(...basic(newId(), '--generate-key', path, '--profile', 'saml')))).toContain(
      '--profile',
    )
    expect(existsSync(path)).toBe(false)
    const id = newId()
    const { lines } = await sluse(...basic(id, '--generate-key', path, '--dry-run'))
    expect([lines[0], existsSync(path), await registered(id)]).toEqual([
      `would be added ${id}`,
      false,
      undefined,
    ])
  })

  test('never writes over a file: it may be the key that is in use', async () => {
    const path = file('in-use.json', 'a key')
    expect(await refusalOf(sluse(...basic(newId(), '--generate-key', path)))).toBe(
      'field-invalid --generate-key: there is a file of that name already, and it may hold a key that is in use; name another',
    )
    expect(readFileSync(path, 'utf8')).toBe('a key')
  })

  test.each([
    ['a key set', () => keySet('a')],
    ['a key', () => file('one.jwk', JSON.stringify(jwk('a')))],
    ['PEM', () => file('one.pem', String(ehr.publicKey.export({ format: 'pem', type: 'spki' })))],
  ])('reads keys from %s', async (_title, path) => {
    const id = newId()
    await sluse(...basic(id, '--keys-file', path()))
    const [key] = (await registered(id))?.jwks.keys ?? []
    const { x, y } = ehr.publicKey.export({ format: 'jwk' })
    expect(key).toMatchObject({ kty: 'EC', crv: 'P-384', x, y })
  })

  test.each([
    [
      'jwksUrl',
      ['--jwks-url', 'https://ehr.example/jwks.json'],
      { jwksUrl: 'https://ehr.example/jwks.json' },
    ],
    [
      'tokenIssuer',
      ['--token-issuer', 'https://helseid.example'],
      { tokenIssuer: 'https://helseid.example' },
    ],
  ])('takes %s in place of keys', async (_title, flags, expected) => {
    const id = newId()
    await sluse(...basic(id, ...flags))
    expect(await registered(id)).toMatchObject({ ...expected, jwks: { keys: [] } })
  })

  test('emergency purposes only where it is said that the client may', async () => {
    const id = newId()
    await sluse(...withKeys(id, '--purposes-of-use', 'ETREAT', '--may-override'))
    expect(await registered(id)).toMatchObject({ purposeOfUse: ['TREAT', 'ETREAT'], mayOverride: true })
  })

  test('a file registers several, with their keys beside it', async () => {
    const [one, other] = [newId(), newId()]
    keySet('beside')
    const common = {
      organization: 'sor:999001000016001',
      scopes: ['system/CarePlan.rs'],
      purposesOfUse: ['TREAT'],
    }
    const path = file(
      'clients.json',
      JSON.stringify({
        clients: [
          { ...common, id: one, keysFile: 'beside.jwks' },
          { ...common, id: other, keys: { keys: [jwk('inline')] }, profile: 'udap' },
        ],
      }),
    )
    const { lines } = await sluse('client', 'add', '--file', path)
    expect(lines.filter((line) => line.startsWith('added'))).toEqual([`added ${one}`, `added ${other}`])
    expect((await registered(one))?.jwks.keys[0]?.kid).toBe('beside')
    expect((await registered(other))?.profile).toBe('udap')
    expect((await sluse('client', 'add', '--file', path)).lines).toEqual([
      `unchanged ${one}`,
      `unchanged ${other}`,
    ])
  })
})

const CPR = '2509479989'
const secretKey = () =>
  file('private.jwk', JSON.stringify({ ...ehr.privateKey.export({ format: 'jwk' }), kid: 'p' }))
const without = (flag: string): string[] => {
  const words = withKeys('refused')
  words.splice(words.indexOf(flag) + 1, 1, 'none')
  return words
}
const small = generateKeyPairSync('rsa', { modulusLength: 1024 })

// prettier-ignore
const refused: readonly { readonly title: string; readonly flags: () => readonly string[]; readonly said: string }[] = [
  { title: 'no keys', flags: () => basic('refused'), said: 'field-missing --keys-file: found no keys; send one of --keys-file, --jwks-url, --token-issuer' },
  { title: 'keys in two places', flags: () => withKeys('refused', '--jwks-url', 'https://ehr.example/jwks'), said: 'field-invalid --keys-file: found keys in several places;' },
  { title: 'a key file that is not there', flags: () => basic('refused', '--keys-file', join(folder, 'absent')), said: 'field-invalid --keys-file: the file cannot be read; name one that holds the public keys' },
  { title: 'a key file of words', flags: () => basic('refused', '--keys-file', file('words', 'geheim')), said: 'field-invalid --keys-file: the file is neither JSON nor PEM;' },
  { title: 'a private key', flags: () => basic('refused', '--keys-file', secretKey()), said: 'field-invalid --keys-file: /keys/0/d: `d` is a secret part: discard this key, make a new pair and register its public half alone' },
  { title: 'a private key as PEM', flags: () => basic('refused', '--keys-file', file('private.pem', String(ehr.privateKey.export({ format: 'pem', type: 'pkcs8' })))), said: 'field-invalid --keys-file: the file holds a private key, which is its owner’s alone;' },
  { title: 'a short RSA key', flags: () => basic('refused', '--keys-file', file('small.pem', String(small.publicKey.export({ format: 'pem', type: 'spki' })))), said: 'field-invalid --keys-file: /keys/0: found a key of type `RSA` that cannot be used: register RSA with 2048 bits or more' },
  { title: 'two keys of one kid', flags: () => basic('refused', '--keys-file', keySet('same', 'same')), said: 'field-invalid --keys-file: /keys/1/kid: an earlier key has the same `kid`: give every key its own' },
  { title: 'a key URL without TLS', flags: () => basic('refused', '--jwks-url', 'http://ehr.example/jwks'), said: 'field-invalid --jwks-url: found a string of 23 characters; send an absolute https address without credentials or fragment' },
  { title: 'no organisation', flags: () => ['client', 'add', 'refused', '--keys-file', keySet('first'), '--scopes', 'system/CarePlan.rs', '--purposes-of-use', 'TREAT'], said: 'field-missing --organization: found nothing; send the organisation that it acts for' },
  { title: 'an organisation that nobody knows', flags: () => withKeys('refused', '--organization', 'sor:999001000016999'), said: 'not-found --organization: no organisation has this number; register it first' },
  { title: 'a profile that there is not', flags: () => withKeys('refused', '--profile', 'saml'), said: 'code-unknown --profile: found `saml`; send one of smart, udap, helseid' },
  { title: 'a scope of a person', flags: () => withKeys('refused', '--scopes', 'user/CarePlan.rs'), said: 'field-invalid --scopes: found a string of 16 characters that grants nothing; write it like system/CarePlan.rs' },
  { title: 'no scope', flags: () => without('--scopes'), said: 'field-missing --scopes: found nothing; send what it may ask for' },
  { title: 'a purpose that there is not', flags: () => withKeys('refused', '--purposes-of-use', 'CURIOSITY'), said: 'code-unknown --purposes-of-use: found `CURIOSITY`; send a purpose of use of v3-ActReason, such as TREAT' },
  { title: 'the root of the purposes', flags: () => withKeys('refused', '--purposes-of-use', 'PurposeOfUse'), said: 'code-unknown --purposes-of-use: found `PurposeOfUse`;' },
  { title: 'no purpose', flags: () => without('--purposes-of-use'), said: 'field-missing --purposes-of-use: found nothing; send what it acts for' },
  ...['BTG', 'ETREAT', 'ERTREAT'].map((code) => ({ title: `emergency as ${code}`, flags: () => withKeys('refused', '--purposes-of-use', code), said: `field-invalid --purposes-of-use: found ${code}, which is emergency; leave it out` })),
  { title: 'a range that is none', flags: () => withKeys('refused', '--address-ranges', '10.1.2/24'), said: 'field-invalid --address-ranges: this is no address range; write it as `192.0.2.0/24` or `2001:db8::/32`' },
  { title: 'every address', flags: () => withKeys('refused', '--address-ranges', '0.0.0.0/0'), said: 'field-invalid --address-ranges: this is every address; leave address ranges out' },
  { title: 'an algorithm that its profile never has', flags: () => withKeys('refused', '--profile', 'helseid', '--assertion-algorithms', 'HS256'), said: 'code-unknown --assertion-algorithms: found `HS256`; send one of RS384, RS256 beside those of helseid, PS256, ES256, ES384' },
  { title: 'a resource server of a hospital', flags: () => withKeys('refused', '--resource-server'), said: 'field-invalid --resource-server: only a client of the oversight asks about the tokens of others; leave it out' },
  { title: 'an id with a national id in it', flags: () => withKeys(`ehr-${CPR}`), said: 'field-invalid ID: found a number like a person’s; name the system' },
  { title: 'an id with a space', flags: () => withKeys('my system'), said: 'field-invalid ID: found a string of 9 characters; send a UUID of an organisation in small letters, or a client id of 3 to 64' },
]

test.each(refused)('$title is refused, and nothing is registered', async ({ flags, said }) => {
  const before = await allRegistrations(store.database)
  const refusal = await refusalOf(sluse(...flags()))
  expect(refusal.slice(0, said.length)).toBe(said)
  expect(refusal).not.toContain(CPR)
  expect(await allRegistrations(store.database)).toEqual(before)
})

describe('client change', () => {
  test('changes what is named, and leaves the rest', async () => {
    const id = newId()
    await sluse(...withKeys(id, '--address-ranges', '192.0.2.0/24'))
    const before = await registered(id)
    const { lines, warnings } = await sluse([
      'client',
      'change',
      id,
      '--scopes',
      'system/Consent.r',
      '--address-ranges',
      '198.51.100.9/24',
    ])
    expect(lines).toEqual([`changed ${id}: addressRanges, scopes`])
    expect(warnings).toEqual([
      'warning --address-ranges: `198.51.100.9/24` is an address inside its range; registered as `198.51.100.0/24`',
    ])
    expect(await registered(id)).toEqual({
      ...before,
      scopes: ['system/Consent.r'],
      addressRanges: ['198.51.100.0/24'],
    })
    expect((await audited(id)).at(-1)).toMatchObject({
      operator: 'drift',
      interaction: 'update',
      registered: {
        fields: [
          { name: 'addressRanges', before: '192.0.2.0/24', after: '198.51.100.0/24' },
          { name: 'scopes', before: 'system/CarePlan.rs', after: 'system/Consent.r' },
        ],
      },
    })
    await sluse('client', 'change', id, '--address-ranges', 'none')
    expect((await registered(id))?.addressRanges).toEqual([])
    const versions = await store.database.query({
      text: 'select 1 from client_version where client_id = $1',
      values: [id],
    })
    expect(versions).toHaveLength(3)
  })

  test('never whose it is, nor of a client that nobody knows', async () => {
    const id = newId()
    await sluse(...withKeys(id))
    const path = file(
      'moved.json',
      JSON.stringify({ clients: [{ id, organization: 'sor:999009000016009' }] }),
    )
    expect(await refusalOf(sluse('client', 'change', '--file', path))).toBe(
      'field-invalid clients[0].organization: the client belongs to another organisation, and what it sent stays there; register another client',
    )
    expect(await refusalOf(sluse('client', 'change', 'nobody', '--scopes', 'system/Consent.r'))).toContain(
      'not-found ID: no client is registered by this id; see `sluse client list`',
    )
  })
})

describe('client rotate', () => {
  test('gives a second key, then takes away the first; the last one stays', async () => {
    const id = newId()
    await sluse(...withKeys(id))
    const added = await sluse('client', 'rotate', id, '--add-key', keySet('second'))
    expect(added.lines).toEqual([
      `given a key: ${id}`,
      '  kid  second',
      `next: let its system sign with the new key; when it does, retire the old one: sluse client rotate ${id} --retire KID`,
    ])
    expect((await registered(id))?.jwks.keys.map(({ kid }) => kid)).toEqual(['first', 'second'])
    const retired = await sluse('client', 'rotate', id, '--retire', 'first')
    expect(retired.lines).toEqual([
      `relieved of the key first: ${id}`,
      'no new token is given for it; one that was given ends within 300 s',
    ])
    expect((await registered(id))?.jwks.keys.map(({ kid }) => kid)).toEqual(['second'])
    expect(await refusalOf(sluse('client', 'rotate', id, '--retire', 'second'))).toBe(
      'field-invalid --retire: this is its last key, and without one it has no access; add the new one first, or use `sluse client disable`',
    )
    expect(await refusalOf(sluse('client', 'rotate', id, '--retire', 'first'))).toBe(
      'not-found --retire: the client has no key of this `kid`; it has `second`',
    )
    expect(await audited(id)).toMatchObject([
      { interaction: 'create' },
      {
        registered: { fields: [{ name: 'keys', after: expect.stringMatching(/^first \(.*\), second \(/) }] },
      },
      { registered: { fields: [{ name: 'keys', after: expect.stringMatching(/^second \(/) }] } },
    ])
  })

  test('makes the new key for who asks', async () => {
    const id = newId()
    await sluse(...withKeys(id))
    const path = join(folder, `${id}-new.json`)
    await sluse('client', 'rotate', id, '--generate-key', path)
    const made = JSON.parse(readFileSync(path, 'utf8')) as { kid: string }
    expect((await registered(id))?.jwks.keys.map(({ kid }) => kid)).toEqual(['first', made.kid])
  })

  test.each([
    [
      'nothing to do',
      [],
      'field-missing --add-key: found 0 of them; send one of --add-key, --generate-key and --retire',
    ],
    ['both at once', ['--add-key', 'x', '--retire', 'first'], 'field-invalid --add-key: found 2 of them;'],
  ])('%s is refused', async (_title, flags, said) => {
    const id = newId()
    await sluse(...withKeys(id))
    expect(await refusalOf(sluse('client', 'rotate', id, ...flags))).toContain(said)
  })

  test('a key under a kid that it has, a key it cannot use, or keys that are elsewhere: refused', async () => {
    const id = newId()
    await sluse(...withKeys(id))
    expect(await refusalOf(sluse('client', 'rotate', id, '--add-key', keySet('first')))).toBe(
      'field-invalid --add-key: the client has a key `first` already; give the new key a `kid` of its own',
    )
    expect(await refusalOf(sluse('client', 'rotate', id, '--add-key', secretKey()))).toContain(
      'field-invalid --add-key: /keys/0/d: `d` is a secret part',
    )
    const byUrl = newId()
    await sluse(...basic(byUrl, '--jwks-url', 'https://ehr.example/jwks.json'))
    expect(await refusalOf(sluse('client', 'rotate', byUrl, '--add-key', keySet('second')))).toBe(
      'field-invalid ID: its keys are not here but at https://ehr.example/jwks.json: rotate them there',
    )
  })

  test('two at once lose no key', async () => {
    const id = newId()
    await sluse(...withKeys(id))
    await Promise.all(['a', 'b', 'c'].map((kid) => sluse('client', 'rotate', id, '--add-key', keySet(kid))))
    expect((await registered(id))?.jwks.keys.map(({ kid }) => kid).toSorted()).toEqual([
      'a',
      'b',
      'c',
      'first',
    ])
  })
})

test('client disable and enable, once each', async () => {
  const id = newId()
  await sluse(...withKeys(id))
  expect((await sluse('client', 'disable', id)).lines).toEqual([
    `disabled ${id}`,
    'it has no access after 5 s at most; its subscriptions are kept',
  ])
  expect((await registered(id))?.disabled).toBe(true)
  expect((await sluse('client', 'disable', id)).lines[0]).toBe(`unchanged ${id}`)
  expect((await sluse('client', 'enable', id)).lines[0]).toBe(`enabled ${id}`)
  expect((await registered(id))?.disabled).toBe(false)
  expect(await audited(id)).toHaveLength(3)
})

describe('client allow-override', () => {
  test('names who may, and nobody else; the audit row has no number of theirs', async () => {
    const id = newId()
    await sluse(...withKeys(id))
    const { system, value } = physician
    await sluse('client', 'allow-override', id, '--person', `${system}|${value}`, `${system}|0XX98`)
    expect(await mayOverride(store.database, id, physician)).toBe(true)
    await sluse('client', 'allow-override', id, '--person', `${system}|0XX98`)
    expect(await mayOverride(store.database, id, physician)).toBe(false)
    await sluse('client', 'allow-override', id, '--none')
    expect(await mayOverride(store.database, id, { system, value: '0XX98' })).toBe(false)
    const entries = await audited(id)
    expect(entries).toHaveLength(4)
    expect(JSON.stringify(entries)).not.toMatch(/0XX98/)
  })

  test.each([
    ['nobody said', [], 'field-missing --person: say who may, each as system|number, or --none'],
    [
      'a CPR',
      ['--person', `urn:oid:1.2.208.176.1.2|${CPR}`],
      'field-invalid --person: found a national id; name a person by authorisation number',
    ],
    [
      'a CPR under another name',
      ['--person', `https://hospital.example/staff|${CPR}`],
      'field-invalid --person: found a national id;',
    ],
    [
      'no system',
      ['--person', '0XX99'],
      'field-invalid --person: found no authorisation number; write it as system|number',
    ],
  ])('%s is refused', async (_title, flags, said) => {
    const id = newId()
    await sluse(...withKeys(id))
    const refusal = await refusalOf(sluse('client', 'allow-override', id, ...flags))
    expect(refusal.slice(0, said.length)).toBe(said)
    expect(refusal).not.toContain(CPR)
  })
})

test('list and show tell what is registered, and public keys alone', async () => {
  const id = newId()
  await sluse(...withKeys(id, '--address-ranges', '192.0.2.0/24'))
  expect((await sluse('client', 'list')).lines).toContain(
    `${id.padEnd(32)}  active    smart    1 keys  Sandkøbing Psykiatri`,
  )
  expect(JSON.parse((await sluse('client', 'list', '--json')).lines.join(''))).toContainEqual(
    await registered(id),
  )
  const { lines } = await sluse('client', 'show', id)
  expect(lines).toEqual([
    `client id         ${id}`,
    'state             active',
    `organisation      Sandkøbing Psykiatri (${HOSPITAL})`,
    'profile           smart',
    expect.stringMatching(/^key {15}first \([\w-]{43}\)$/),
    'scopes            system/CarePlan.rs',
    'purposes of use   TREAT',
    'comes from        192.0.2.0/24',
    'token URL         https://sluse.example/oauth/token',
  ])
  expect(await refusalOf(sluse('client', 'show', 'nobody'))).toBe(
    'not-found ID: no client is registered by this id; see `sluse client list`, or register it with `sluse client add`',
  )
})
