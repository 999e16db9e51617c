import { existsSync, readFileSync, readdirSync } from 'node:fs'
import type { Resource } from '@medplum/fhirtypes'
import { parseConditionList } from '#adapters/gp/parse-condition-list.ts'
import { parseContact } from '#adapters/gp/parse-contact.ts'
import { parseAdt } from '#adapters/hospital/parse-adt.ts'
import { parseNotification } from '#adapters/hospital/parse-notification.ts'
import { parseKlPlan } from '#adapters/municipality/parse-kl-plan.ts'
import { parseRecord } from '#adapters/municipality/parse-record.ts'
import type { SourceMessage } from '#mapping/source-record.ts'

export type Parser = (bytes: Uint8Array) => SourceMessage

/** The parser of a case, by the first word of its folder's name. */
const parsers: Readonly<Record<string, Parser>> = {
  adt: parseAdt,
  notification: parseNotification,
  record: parseRecord,
  kl: parseKlPlan,
  condition: parseConditionList,
  contact: parseContact,
}

export interface MappingCase {
  readonly name: string
  readonly parse: Parser
  readonly source: Uint8Array
  readonly expected: unknown
}

/** test/mapping/<sector>/<case>/: `source.hl7` or `source.json`, and `expected.json`. */
export function readCases(): MappingCase[] {
  const root = new URL('../mapping/', import.meta.url)
  return ['hospital', 'municipality', 'gp'].flatMap((sector) =>
    readdirSync(new URL(`${sector}/`, root)).map((name) => {
      const folder = new URL(`${sector}/${name}/`, root)
      const hl7 = new URL('source.hl7', folder)
      const parse = parsers[name.split('-')[0] ?? '']
      if (!parse) throw new Error(`no parser is named by ${sector}/${name}`)
      return {
        name: `${sector}/${name}`,
        parse,
        source: readFileSync(existsSync(hl7) ? hl7 : new URL('source.json', folder)),
        expected: JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')),
      }
    }),
  )
}

/** As intake does it: the citizen stands in the resource, and in each that it contains. */
export function aboutSomebody(resource: Resource): unknown {
  const subject = { reference: 'Patient/4f2c7f2e-3a51-4c6e-9f0e-000000000001' }
  const element = resource.resourceType === 'Consent' ? { patient: subject } : { subject }
  const contained = 'contained' in resource && resource.contained?.map((each) => ({ ...each, subject }))
  return { ...resource, ...element, ...(contained ? { contained } : {}) }
}
