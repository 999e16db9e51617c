import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from './r4-source.ts'

/** A port that nothing listens on: SUSHI asks for newer packages, and the result must not depend on the answer. */
const NOWHERE = 'http://127.0.0.1:9'

/**
 * Compiles `profiles/*.fsh` to StructureDefinitions with snapshots, offline, in a temporary home.
 * https://fshschool.org/docs/sushi/
 */
export function runSushi(profiles: string, definitions: readonly JsonObject[]): JsonObject[] {
  const work = mkdtempSync(join(tmpdir(), 'sluse-profiles-'))
  try {
    writeR4Package(join(work, '.fhir/packages/hl7.fhir.r4.core#4.0.1/package'), definitions)
    const project = join(work, 'project')
    for (const name of readdirSync(profiles).filter((file) => file.endsWith('.fsh')))
      cpSync(join(profiles, name), join(project, 'input/fsh', name))
    cpSync(join(profiles, 'sushi-config.yaml'), join(project, 'sushi-config.yaml'))
    const sushi = createRequire(import.meta.url).resolve('fsh-sushi/dist/app.js')
    const run = spawnSync(process.execPath, [sushi, 'build', project, '--snapshot', '--log-level', 'error'], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: work,
        npm_config_offline: 'true',
        HTTPS_PROXY: NOWHERE,
        FPL_REGISTRY: NOWHERE,
      },
    })
    if (run.status !== 0) throw new Error(`SUSHI refused the profiles:\n${run.stdout}${run.stderr}`)
    return readResources(join(project, 'fsh-generated/resources'))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** SUSHI reads R4 from the FHIR package cache of its home. https://confluence.hl7.org/display/FHIR/FHIR+Package+Cache */
function writeR4Package(folder: string, definitions: readonly JsonObject[]): void {
  mkdirSync(folder, { recursive: true })
  const manifest = { name: 'hl7.fhir.r4.core', version: '4.0.1', fhirVersions: ['4.0.1'], type: 'Core' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  for (const definition of definitions)
    writeFileSync(
      join(folder, `StructureDefinition-${String(definition['id'])}.json`),
      JSON.stringify(definition),
    )
}

function readResources(folder: string): JsonObject[] {
  return readdirSync(folder)
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))
}
