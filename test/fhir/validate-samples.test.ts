import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { validator } from '#test/validator.ts'

/** The official examples of MedCom, HL7 Denmark and KL, where the folder beside the project is present. */
const samples = new URL('../../../shared/samples/', import.meta.url)
const files = existsSync(samples)
  ? readdirSync(samples, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'))
  : []

console.log(
  `shared samples: validated ${files.length} FHIR files${files.length > 0 ? '' : ' (folder ../shared not present)'}`,
)

describe.skipIf(files.length === 0)('the FHIR samples', () => {
  test.each(files)('%s is valid R4 once its narrative is dropped, as intake does', (file) => {
    const resource: unknown = JSON.parse(
      readFileSync(new URL(file, samples), 'utf8'),
      (name, value: unknown) => (name === 'text' && typeof value === 'object' ? undefined : value),
    )
    expect(validator.validate(resource)).toEqual([])
  })
})
