import {
  type BundleEntry,
  only,
  readEntries,
  readFhirBody,
  readPatient,
  refuseModifiers,
  resolve,
} from '#adapters/fhir-message.ts'
import { identifierOf, organizationOf, present } from '#adapters/fhir-record.ts'
import type { JsonNode } from '#adapters/json-node.ts'
import { GatewayError, describeCode } from '#fhir/gateway-error.ts'
import type { SourceMessage, SourceRecord } from '#mapping/source-record.ts'

const ACTIVITY_CODES = 'http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-messaging-activityCodes'
const LPR3 = 'https://www.esundhed.dk/Registre/Landspatientregisteret'

const supported: ReadonlySet<string> = new Set([
  'admit-inpatient',
  'admit-emergency',
  'discharge-inpatient-home',
])

/** MedCom HospitalNotification 3.0.2: http://medcomfhir.dk/ig/hospitalnotification */
export function parseNotification(bytes: Uint8Array): SourceMessage {
  const { root } = readFhirBody(bytes, 'Bundle')
  const entries = readEntries(root)
  const header = only(entries, 'MessageHeader', root)
  readActivity(entries, header)
  const encounter = only(entries, 'Encounter', root)
  refuseModifiers(encounter)
  const patientEntry = resolve(entries, encounter.child('subject'))
  if (patientEntry?.type !== 'Patient')
    throw encounter.child('subject').missing('refer to the Patient in the message')
  const warnings: string[] = []
  const episode = episodeOf(encounter)
  return {
    format: 'medcom-hospitalnotification',
    messageId: `${root.child('id').requiredText()}|${header.child('id').requiredText()}`,
    patient: readPatient(patientEntry.resource, patientEntry.resource.items('identifier')),
    entries: [
      {
        map: 'hospital/NotificationToEncounter',
        // Admission and discharge carry different Encounter.id; what they share is the course.
        key: `${episode.system ?? ''}|${episode.value}`,
        record: recordOf(encounter, { episode, entries, warnings }),
        fields: { status: encounter.child('status').path, class: encounter.at('class', 'code').path },
      },
    ],
    warnings,
  }
}

/** The history of a course stands in the message too, in no order: the Provenance that targets this header counts. */
function readActivity(entries: readonly BundleEntry[], header: JsonNode): void {
  const own = entries.filter(
    ({ type, resource }) =>
      type === 'Provenance' &&
      resource.items('target').some((target) => resolve(entries, target)?.resource === header),
  )
  const codes = own.flatMap(({ resource }) => resource.child('activity').items('coding'))
  const activity = codes.find((coding) => coding.child('system').text() === ACTIVITY_CODES)
  const code = activity?.child('code').text()
  if (!activity || code === undefined || own.length !== 1) {
    throw new GatewayError({
      code: 'field-missing',
      text: 'no single Provenance with an activity code targets the MessageHeader: send exactly one',
      expression: 'Bundle.entry',
    })
  }
  if (supported.has(code)) return
  throw new GatewayError({
    code: 'event-unsupported',
    text: `found ${describeCode(code)}: Sluse reads ${[...supported].map((each) => `\`${each}\``).join(', ')}`,
    expression: activity.child('code').path,
  })
}

function episodeOf(encounter: JsonNode): { system?: string; value: string } {
  const identifiers = encounter.items('episodeOfCare').map((episode) => episode.child('identifier'))
  const chosen = identifiers.find((identifier) => identifierOf(identifier).system === LPR3) ?? identifiers[0]
  if (!chosen)
    throw encounter
      .at('episodeOfCare')
      .missing('name the course by `identifier`, so that the discharge finds it')
  const { system } = identifierOf(chosen)
  const value = chosen.child('value').requiredText()
  return system === undefined ? { value } : { system, value }
}

interface MessageContext {
  readonly episode: { readonly system?: string; readonly value: string }
  readonly entries: readonly BundleEntry[]
  readonly warnings: string[]
}

/** No diagnosis, ward or participant: the message carries none, on purpose. */
function recordOf(encounter: JsonNode, { episode, entries, warnings }: MessageContext): SourceRecord {
  const period = encounter.child('period')
  return present({
    status: encounter.child('status').requiredText(),
    class: encounter.at('class', 'code').requiredText(),
    episode,
    start: period.child('start').text(),
    end: period.child('end').text(),
    provider: organizationOf(entries, encounter.child('serviceProvider'), warnings),
  })
}
