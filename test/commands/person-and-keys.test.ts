/** `sluse person` and `sluse keys` as an operator runs them, beside a gateway that runs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readKeys } from '#config/keys.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { suspendedOf } from '#store/merged-persons.ts'
import { findSubject } from '#store/persons.ts'
import { valuesUnder } from '#store/reseal.ts'
import { idOf, sampleCarePlan, sampleConsent, sendFhir } from '#test/fhir-samples.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { auditRows } from '#test/rows.ts'
import { formsIn } from '#test/written-forms.ts'

vi.setConfig({ testTimeout: 60_000 })

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const numbers = ['0703921VJ4', '1502829995', '3001749995'] as const
const replacement = { system: 'urn:oid:1.2.208.176.1.6.1.1', value: numbers[0] }
const cpr = { system: 'urn:oid:1.2.208.176.1.2', value: numbers[1] }

let gateway: TestGateway
let consentId: string
beforeAll(async () => {
  gateway = await startGateway()
  const hospital = gateway.client('hospital-ehr')
  for (const identifier of [replacement, cpr]) {
    const made = await sendFhir(hospital, 'POST', '/fhir/CarePlan', {
      ...sampleCarePlan(),
      subject: { identifier },
    })
    expect(made.status).toBe(201)
  }
  const consent = sampleConsent(sandboxOrganizations.gp.identifiers[2], ['PSY'])
  consentId = idOf(
    await sendFhir(hospital, 'POST', '/fhir/Consent', { ...consent, patient: { identifier: cpr } }),
  )
})
afterAll(() => gateway.close())

interface Ended {
  readonly code: number | null
  readonly said: string
}

async function sluse(parameters: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, ['src/cli.ts', ...parameters], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: gateway.cloned.url,
      SLUSE_KEYS_FILE: gateway.keysFile,
      SLUSE_BASE_URL: 'https://sluse.example',
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += String(chunk)))
  child.stdin.end(input)
  const [code]: (number | null)[] = await once(child, 'close')
  expect(formsIn(said, numbers)).toEqual([])
  return { code: code ?? null, said }
}

const subject = async (number: { readonly system: string; readonly value: string }): Promise<string> =>
  (await findSubject(gateway.database, gateway.seal, number)) ?? 'nobody'

describe('sluse person', () => {
  test.each([
    ['one line', 'cpr:1502829995', 'stdin: found 1 lines on standard input: send 2, one citizen a line'],
    [
      'a number of nobody here',
      'cpr:3001749995\ncpr:1502829995',
      'stdin: line 1 names nobody here: no organisation has sent this number',
    ],
    [
      'a number that is none',
      'x-ecpr:0703921VJ4\ncpr:3104479989',
      'line 2: a string of 10 characters is no number of this system: correct the patient’s identifier',
    ],
    [
      'a scheme that is none',
      'name:Elmer\ncpr:1502829995',
      'stdin: line 1 names no citizen: send a subject id, or cpr:, x-ecpr:, fnr:, dnr:, fhn: and a number',
    ],
    ['one citizen twice', 'cpr:150282-9995\ncpr:1502829995', 'stdin: both name the same subject; name two'],
  ])('merge refuses %s, and repeats no number', async (_, input, text) => {
    const ended = await sluse(['person', 'merge'], input)
    expect([ended.code, ended.said.trim()]).toEqual([2, text.replace('’', "'")])
  })

  test('merges by number, lists what waits, confirms, and unmerges by subject id', async () => {
    const merged = await sluse(
      ['person', 'merge', '--as', 'Anna Hansen'],
      'x-ecpr:0703921VJ4\ncpr: 150282-9995\n',
    )
    const ids = [await subject(replacement), await subject(cpr)]
    expect(merged).toEqual({
      code: 0,
      said: [
        `${[...ids].sort().join(' and ')} are one citizen`,
        'nothing of this citizen is exchanged until a person has confirmed each of these:',
        `  sluse person confirm ${consentId}`,
        '',
      ].join('\n'),
    })
    const listed = await sluse(['person', 'suspended'])
    const hospital = sandboxOrganizations.hospital.id
    expect(listed.said).toMatch(
      new RegExp(`^${consentId} of Patient/${ids[1]}, held by Organization/${hospital}: merged 20`),
    )
    expect((await sluse(['person', 'confirm', ids[0] ?? ''])).said).toBe(
      'CONSENT: this consent is not suspended: see `sluse person suspended`\n',
    )
    const confirmed = await sluse(['person', 'confirm', consentId, '--as', 'Anna Hansen'])
    expect(confirmed.said).toBe(
      `the consent ${consentId} counts again, as it stands; it is about Patient/${ids[1]}\n`,
    )
    expect((await sluse(['person', 'suspended'])).said).toBe('no consent is suspended\n')
    const apart = await sluse(['person', 'unmerge', '--as', 'Anna Hansen'], `Patient/${ids[0]}`)
    expect([apart.code, apart.said.split('\n')[0]]).toEqual([0, `${ids[0]} is a citizen alone`])
    expect(await suspendedOf(gateway.database, {})).toMatchObject([{ consentId, cause: 'unmerged' }])
    const told = (await auditRows(gateway.database)).filter(({ kind }) => kind === 'person-link')
    expect(told.map(({ interaction, operator }) => `${interaction} ${operator}`)).toEqual([
      'person-merge Anna Hansen',
      'person-merge Anna Hansen',
      'consent-confirm Anna Hansen',
      'person-unmerge Anna Hansen',
      'person-unmerge Anna Hansen',
    ])
  })
})

describe('sluse keys', () => {
  test('rotates, shows, and retires what nothing needs', async () => {
    expect((await sluse(['keys', 'retire', 'seal', '1'])).said).toBe(
      'seal key 1 is in use, or will be; only one before it can be retired\n',
    )
    const rotated = await sluse(['keys', 'rotate', '--in', '0'])
    expect(rotated.said).toMatch(/^added seal key 2 and lookup key 2, to be used from 20\S+\n/)
    await vi.waitFor(
      async () => {
        for (const kind of ['seal', 'lookup'] as const)
          expect(await valuesUnder(gateway.database, kind, 1)).toBe(0)
        expect(await valuesUnder(gateway.database, 'lookup', 2)).toBe(2)
      },
      { timeout: 20_000, interval: 100 },
    )
    const shown = (await sluse(['keys', 'show'])).said
    expect(shown).toMatch(/^lookup 1: superseded, made \S+, 0 values need it$/m)
    expect(shown).toMatch(/^seal 2: in use, made \S+, [1-9][0-9]* values need it$/m)

    expect((await sluse(['keys', 'retire', 'seal', '1'])).said).toBe(
      'seal key 2 has not been in use for 10 minutes; try again later\n',
    )
    await gateway.database.query({ text: `update key_in_use set since = since - interval '10 minutes'` })
    for (const kind of ['seal', 'lookup']) {
      const retired = await sluse(['keys', 'retire', kind, '1'])
      expect([retired.code, retired.said]).toEqual([0, expect.stringContaining(`retired ${kind} key 1;`)])
    }
    const { seal, lookup } = readKeys(gateway.keysFile, { makeIfMissing: false })
    expect([seal, lookup].map((ring) => ring.map(({ id }) => id))).toEqual([[2], [2]])
    // The gateway goes on with what is left.
    expect((await gateway.client('hospital-ehr').send('GET', `/fhir/Consent/${consentId}`)).status).toBe(200)
  })

  test('a key that a value needs is not retired, and one that is to come is not used', async () => {
    await sluse(['keys', 'rotate', '--in', '0'])
    // A row that somebody else has is passed over.
    await gateway.database.transaction(async (tx) => {
      await tx.query({
        text: 'select 1 from person_identifier where subject_id = $1 for update',
        values: [await subject(cpr)],
      })
      await vi.waitFor(async () => expect(await valuesUnder(gateway.database, 'seal', 2)).toBe(1), {
        timeout: 7_000,
        interval: 50,
      })
      await gateway.database.query({ text: `update key_in_use set since = since - interval '10 minutes'` })
      expect((await sluse(['keys', 'retire', 'seal', '2'])).said).toBe(
        '1 values still need seal key 2; a worker that runs makes them anew: look with `sluse keys show`\n',
      )
    })
    await sluse(['keys', 'rotate', '--in', '60'])
    expect((await sluse(['keys', 'show'])).said).toMatch(/^seal 4: to be used from \S+, made \S+, 0 values/m)
  })
})
