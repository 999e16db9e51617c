import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readMappings } from '#assets/mappings.ts'
import { parseConditionList } from '#adapters/gp/parse-condition-list.ts'
import { parseAdt } from '#adapters/hospital/parse-adt.ts'
import { parseNotification } from '#adapters/hospital/parse-notification.ts'
import { parseKlPlan } from '#adapters/municipality/parse-kl-plan.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { compileMaps } from '#mapping/compile.ts'
import { transform } from '#mapping/transform.ts'
import { aboutSomebody, type Parser } from '#test/mapping-cases.ts'
import { validator } from '#test/validator.ts'

const samples = new URL('../../../shared/samples/', import.meta.url)

/** What becomes of each published message: the types that it makes, or the code and the field of its refusal. */
// prettier-ignore
const outcomes: readonly { folder: string; file: string; parse: Parser; makes?: readonly string[]; refused?: readonly [code: string, field: string | undefined] }[] = [
  { folder: 'hospital', file: 'hospitalnotification-Bundle-a5e5b880-c087-4055-b9ec-99108695f81d.json', parse: parseNotification, makes: ['Encounter'] },
  { folder: 'hospital', file: 'hospitalnotification-Bundle-c83671a4-9584-11ec-b909-0242ac120002.json', parse: parseNotification, refused: ['event-unsupported', 'Bundle.entry[5].resource.activity.coding[0].code'] },
  { folder: 'hospital', file: 'hospitalnotification-Bundle-d3128d9b-cede-4c7f-8904-809eab322d7d.json', parse: parseNotification, refused: ['event-unsupported', 'Bundle.entry[6].resource.activity.coding[0].code'] },
  { folder: 'hospital', file: 'hospitalnotification-Bundle-f4aa42a4-86db-4e68-9b38-9dda0dfd5774.json', parse: parseNotification, makes: ['Encounter'] },
  { folder: 'hospital', file: 'hospitalnotification-Bundle-h1c8e4a8-6b45-4669-94ad-2a99ad96bf03.json', parse: parseNotification, makes: ['Encounter'] },
  { folder: 'hospital', file: 'dkcore-Encounter-915a3cfb-2f3e-477b-8a9d-5d86c30e4929.json', parse: parseNotification, refused: ['field-invalid', 'resourceType'] },
  { folder: 'hl7v2', file: 'ADT-A01-02.hl7', parse: parseAdt, refused: ['patient-id-unknown-scheme', 'PID-3'] },
  { folder: 'hl7v2', file: 'ADT-A03-02.hl7', parse: parseAdt, refused: ['patient-id-unknown-scheme', 'PID-3'] },
  { folder: 'hl7v2', file: 'ADT-A40-02.hl7', parse: parseAdt, refused: ['event-unsupported', 'MSH-9'] },
  { folder: 'hl7v2', file: 'ADT01-23.hl7', parse: parseAdt, refused: ['patient-id-unknown-scheme', 'PID-3'] },
  { folder: 'gp', file: 'conditionlist-Bundle-23d8ece4-7cff-47c1-9680-571377c6ea74.json', parse: parseConditionList, makes: ['Condition', 'Condition', 'Condition'] },
  { folder: 'gp', file: 'conditionlist-Bundle-a4630688-dc6b-4484-9ef7-b9a08148c407.json', parse: parseConditionList, makes: ['Condition'] },
  { folder: 'gp', file: 'conditionlist-Bundle-b991dcb7-6f2a-4e56-96f9-6b4b23cb9472.json', parse: parseConditionList, makes: ['Condition'] },
  { folder: 'gp', file: 'notes-Bundle-ba7d908a-0134-4f28-b5f5-0fcaf088e60b.json', parse: parseConditionList, refused: ['field-missing', 'Bundle.entry'] },
  { folder: 'municipal', file: 'kldk-CarePlan-AndreasSocialeRelationer.json', parse: parseKlPlan, refused: ['field-missing', 'CarePlan.subject.identifier'] },
  { folder: 'municipal', file: 'kldk-Goal-Andreasindsatsmaal.json', parse: parseKlPlan, refused: ['field-invalid', 'resourceType'] },
  { folder: 'municipal', file: 'kldk-Encounter-MarkFollowUpPlanned.json', parse: parseKlPlan, refused: ['field-invalid', 'resourceType'] },
  { folder: 'municipal', file: 'kldk-Condition-ConditionCareingForOwnHealthPerformerNoteFFB.json', parse: parseKlPlan, refused: ['field-invalid', 'resourceType'] },
  // "Indforstået" in a referral is evidence, and never a Consent.
  { folder: 'municipal', file: 'kldk-ServiceRequest-HenvendelseFraMorVedrSocialIndsats.json', parse: parseKlPlan, refused: ['field-invalid', 'resourceType'] },
  { folder: 'municipal', file: 'carecommunication-Bundle-0d5b3c18-fab6-4d93-9d88-c9c8abf1f18c.json', parse: parseKlPlan, refused: ['field-missing', 'Bundle.entry'] },
  { folder: 'municipal', file: 'dkcore-Patient-Confidential.json', parse: parseKlPlan, refused: ['field-invalid', 'resourceType'] },
  { folder: 'municipal', file: 'dkcore-Patient-ukendt-D-eCPR.json', parse: parseKlPlan, refused: ['field-invalid', 'resourceType'] },
  { folder: 'municipal', file: 'dkcore-RelatedPerson-MayJuneGuardianOfSverre.json', parse: parseKlPlan, refused: ['field-invalid', 'resourceType'] },
]

/** No adapter reads these yet: Norwegian messages in XML. */
const unserved: ReadonlySet<string> = new Set(['norway'])

const isHere = existsSync(samples)
console.log(
  isHere
    ? `shared samples: ran ${outcomes.length} files`
    : 'shared samples: ran 0 files (folder ../shared not present)',
)

describe.skipIf(!isHere)('published messages', () => {
  const maps = compileMaps(readMappings(new URL('../../mappings/', import.meta.url)))

  test.for(outcomes)('$folder/$file', ({ folder, file, parse, makes, refused }) => {
    const bytes = readFileSync(new URL(`${folder}/${file}`, samples))
    try {
      const message = parse(bytes)
      const resources = message.entries.map(({ map, record, fields }) => transform(maps, map, record, fields))
      expect(resources.map(({ resourceType }) => resourceType)).toEqual(makes)
      for (const resource of resources)
        expect(validator.validate(aboutSomebody(resource), resource.meta?.profile?.[0])).toEqual([])
      // Titles and narratives of these files hold person numbers: nothing of them is taken over.
      expect(JSON.stringify(resources)).not.toMatch(/(?<!\d)\d{6}-?\d{4}(?!\d)/)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      expect([error.code, error.faults[0].expression]).toEqual(refused)
    }
  })

  test('each file that an adapter serves has its outcome here', () => {
    const folders = readdirSync(samples, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !unserved.has(entry.name),
    )
    const files = folders.flatMap(({ name }) =>
      readdirSync(new URL(`${name}/`, samples)).map((file) => `${name}/${file}`),
    )
    expect(files.toSorted()).toEqual(outcomes.map(({ folder, file }) => `${folder}/${file}`).toSorted())
  })
})
