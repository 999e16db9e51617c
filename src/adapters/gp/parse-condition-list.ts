import {
  only,
  readEntries,
  readFhirBody,
  readPatient,
  refuseModifiers,
  resolve,
} from '#adapters/fhir-message.ts'
import { conceptOf, present } from '#adapters/fhir-record.ts'
import type { JsonNode } from '#adapters/json-node.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { SourceEntry, SourceMessage } from '#mapping/source-record.ts'

const SNOMED_CT = 'http://snomed.info/sct'
/** SNOMED CT "current" and "resolved": MedCom puts them among the categories, often in place of clinicalStatus. */
const currencies: ReadonlySet<string | undefined> = new Set(['15240007', '723506003'])

/**
 * MedCom ConditionList 1.0.1, a GP's diagnoses as a document: http://medcomfhir.dk/ig/conditionlist. The title of the
 * Composition is never read: in the official examples it names another person than the Patient.
 */
export function parseConditionList(bytes: Uint8Array): SourceMessage {
  const { root } = readFhirBody(bytes, 'Bundle')
  const entries = readEntries(root)
  const composition = only(entries, 'Composition', root)
  const patient = resolve(entries, composition.child('subject'))
  if (patient?.type !== 'Patient')
    throw composition.child('subject').missing('refer to the Patient in the document')
  const conditions = entries.filter(({ type }) => type === 'Condition')
  if (conditions.length === 0) throw root.child('entry').missing('send at least one Condition')
  const warnings: string[] = []
  return {
    format: 'medcom-conditionlist',
    messageId: root.at('identifier', 'value').text() ?? root.child('id').requiredText(),
    patient: readPatient(patient.resource, patient.resource.items('identifier')),
    entries: conditions.map(({ resource }) => {
      if (resolve(entries, resource.child('subject')) !== patient) throw aboutAnother(resource)
      return entryOf(resource, warnings)
    }),
    warnings,
  }
}

function entryOf(condition: JsonNode, warnings: string[]): SourceEntry {
  refuseModifiers(condition)
  const key = condition.items('identifier')[0]?.child('value').text() ?? condition.child('id').requiredText()
  const concept = conceptOf(condition.child('code'))
  if (!concept) throw condition.child('code').missing('say what the condition is, in `coding` or in `text`')
  const categories = condition.items('category').flatMap((category) => category.items('coding'))
  const currency = categories.find(
    (coding) => coding.child('system').text() === SNOMED_CT && currencies.has(coding.child('code').text()),
  )
  const clinicalStatus = statusOf(condition.child('clinicalStatus'))
  if (clinicalStatus === undefined && !currency) {
    warnings.push(`${condition.path}: neither clinicalStatus nor a category says whether it is current`)
  }
  if (condition.child('onsetPeriod').isPresent || condition.child('onsetAge').isPresent) {
    warnings.push(`${condition.path}: an onset that is no dateTime was left out`)
  }
  if (!concept.codings.some((coding) => coding['system'] !== undefined && coding['code'] !== undefined)) {
    warnings.push(`${condition.path}.code: no code of a known system: it is labelled as most restricted`)
  }
  return {
    map: 'gp/ConditionListToCondition',
    key,
    record: present({
      ...concept,
      clinicalStatus,
      currency: clinicalStatus === undefined ? currency?.child('code').text() : undefined,
      verificationStatus: statusOf(condition.child('verificationStatus')),
      categories: categories
        .filter((coding) => coding !== currency)
        .map((coding) =>
          present({ system: coding.child('system').text(), code: coding.child('code').text() }),
        ),
      onset: condition.child('onsetDateTime').text(),
      abatement: condition.child('abatementDateTime').text(),
      recorded: condition.child('recordedDate').text(),
      notes: condition.items('note').map((note) => note.child('text').requiredText()),
    }),
  }
}

/** clinicalStatus and verificationStatus: required bindings, one code each. */
function statusOf(concept: JsonNode): string | undefined {
  if (!concept.isPresent) return undefined
  return (concept.items('coding')[0] ?? concept.child('coding')).child('code').requiredText('send its code')
}

function aboutAnother(condition: JsonNode): GatewayError {
  return new GatewayError({
    code: 'field-invalid',
    text: 'the condition is not about the patient of the document: send one patient at a time',
    expression: condition.child('subject').path,
  })
}
