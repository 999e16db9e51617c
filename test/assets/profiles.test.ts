import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readProfiles } from '#assets/profiles.ts'
import { heldTypes } from '#fhir/held-types.ts'
import { createValidator } from '#fhir/validate.ts'
import { profileAssets } from '#test/validator.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const script = join(project, 'scripts/build-profiles.ts')
let work: string

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'sluse-profiles-test-'))
})

afterAll(() => {
  rmSync(work, { recursive: true, force: true })
})

describe('readProfiles', () => {
  test('refuses a folder without profiles, and says how to make them', () => {
    mkdirSync(join(work, 'empty/profiles/generated'), { recursive: true })
    expect(() => readProfiles(join(work, 'empty'))).toThrow(
      /no profile in .* make them with `npm run profiles`/,
    )
  })

  test('names the file that is absent', () => {
    const root = copyOf('absent')
    rmSync(join(root, 'profiles/generated/required-codes.json'))
    expect(() => readProfiles(root)).toThrow(
      /cannot read .*required-codes\.json; make it with `npm run profiles`/,
    )
  })

  test('takes a path and a URL', () => {
    expect(readProfiles(project)).toEqual(readProfiles(pathToFileURL(project)))
  })

  test('reads the R4 types and our profiles', () => {
    expect(profileAssets.definitions.map(({ type }) => type)).toContain('CarePlan')
    expect(profileAssets.profiles.map(({ type }) => type)).toEqual(heldTypes.toSorted())
  })
})

describe('what the validator cannot judge ends the start', () => {
  const [profile] = profileAssets.profiles

  test('a profile without a snapshot', () => {
    const profiles = profile ? [{ ...profile, snapshot: { element: [] } }] : []
    expect(() => createValidator({ ...profileAssets, profiles })).toThrow(
      'has no snapshot; build it with `npm run profiles`',
    )
  })

  test('a profile with slices', () => {
    const element = [
      ...(profile?.snapshot?.element ?? []),
      { path: 'CarePlan.identifier', sliceName: 'local' },
    ]
    const profiles = profile ? [{ ...profile, snapshot: { element } }] : []
    expect(() => createValidator({ ...profileAssets, profiles })).toThrow(
      'say it as an invariant: slices are not judged',
    )
  })

  test('a required value set that is neither expanded nor excused', () => {
    const requiredCodes = { valueSets: {}, unchecked: {} }
    expect(() => createValidator({ ...profileAssets, requiredCodes })).toThrow(
      'is not in required-codes.json',
    )
  })
})

test('the value sets whose codes are not checked have a reason each', () => {
  expect(profileAssets.requiredCodes.unchecked).toEqual({
    'http://hl7.org/fhir/ValueSet/currencies': 'R4 does not publish the codes of ISO 4217',
    'http://hl7.org/fhir/ValueSet/mimetypes': 'media types are an open registry (RFC 6838)',
  })
})

describe('build-profiles', () => {
  test('makes the files that are committed, byte for byte', () => {
    const run = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('--check names each file that is stale, and changes none', () => {
    const out = join(copyOf('stale'), 'profiles/generated')
    const edited = join(out, 'StructureDefinition-sluse-consent.json')
    writeFileSync(edited, '{}\n')
    writeFileSync(join(out, 'StructureDefinition-sluse-old.json'), '{}\n')
    rmSync(join(out, 'required-codes.json'))
    const run = spawnSync(process.execPath, [script, '--check', '--out', out], { encoding: 'utf8' })
    const names = [
      'StructureDefinition-sluse-consent.json',
      'StructureDefinition-sluse-old.json',
      'required-codes.json',
    ]
    expect(run.status).toBe(1)
    expect(run.stderr.trimEnd().split('\n')).toEqual(
      names.map((name) => `profiles/generated/${name} is stale: run \`npm run profiles\` and commit it`),
    )
    expect(readFileSync(edited, 'utf8')).toBe('{}\n')
  })

  test('writes them anew', () => {
    const out = join(work, 'new')
    const said = execFileSync(process.execPath, [script, '--out', out], { encoding: 'utf8' })
    expect(said).toMatch(/: 14 files, 1\.\d MB/)
    const name = 'r4-definitions.json'
    expect(readFileSync(join(out, name), 'utf8')).toBe(
      readFileSync(join(project, 'profiles/generated', name), 'utf8'),
    )
  })
})

function copyOf(name: string): string {
  const root = join(work, name)
  cpSync(join(project, 'profiles/generated'), join(root, 'profiles/generated'), { recursive: true })
  return root
}
