/** The table of sector formats: where each is sent, by whom, how it is read and what it may make. */
import type { HeldType } from '#fhir/held-types.ts'
import type { SourceMessage } from '#mapping/source-record.ts'
import { parseConditionList } from '#adapters/gp/parse-condition-list.ts'
import { parseContact } from '#adapters/gp/parse-contact.ts'
import { parseAdt } from '#adapters/hospital/parse-adt.ts'
import { parseNotification } from '#adapters/hospital/parse-notification.ts'
import { parseKlPlan } from '#adapters/municipality/parse-kl-plan.ts'
import { parseRecord } from '#adapters/municipality/parse-record.ts'

export interface SectorRoute {
  readonly path: string
  readonly sector: 'hospital' | 'municipality' | 'gp'
  /** Of the request; parameters such as charset are left to the parser. */
  readonly mediaTypes: readonly string[]
  /** A token needs scope `c` for each. */
  readonly makes: readonly HeldType[]
  readonly parse: (bytes: Uint8Array) => SourceMessage
  /** The receipt's form: what a sender of this format understands. */
  readonly receipt: 'hl7v2-ack' | 'json'
}

const HL7V2 = ['x-application/hl7-v2+er7', 'application/hl7-v2', 'application/hl7-v2+er7', 'text/plain']
const FHIR = ['application/fhir+json', 'application/json']
const JSON_ONLY = ['application/json']

// prettier-ignore
export const sectorRoutes: readonly SectorRoute[] = [
  { sector: 'hospital',     path: '/sectors/hospital/hl7v2',         mediaTypes: HL7V2,     makes: ['Encounter'],                        parse: parseAdt,           receipt: 'hl7v2-ack' },
  { sector: 'hospital',     path: '/sectors/hospital/notifications', mediaTypes: FHIR,      makes: ['Encounter'],                        parse: parseNotification,  receipt: 'json' },
  { sector: 'municipality', path: '/sectors/municipality/records',   mediaTypes: JSON_ONLY, makes: ['CarePlan', 'Encounter', 'Consent'], parse: parseRecord,        receipt: 'json' },
  { sector: 'municipality', path: '/sectors/municipality/plans',     mediaTypes: FHIR,      makes: ['CarePlan'],                         parse: parseKlPlan,        receipt: 'json' },
  { sector: 'gp',           path: '/sectors/gp/condition-lists',     mediaTypes: FHIR,      makes: ['Condition'],                        parse: parseConditionList, receipt: 'json' },
  { sector: 'gp',           path: '/sectors/gp/contacts',            mediaTypes: JSON_ONLY, makes: ['CarePlan', 'Encounter', 'Consent'], parse: parseContact,       receipt: 'json' },
]
