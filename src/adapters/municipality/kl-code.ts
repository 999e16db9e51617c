import type { SourceRecord } from '#mapping/source-record.ts'
import { codingOf } from '#adapters/fhir-record.ts'
import type { JsonNode } from '#adapters/json-node.ts'

const CARE_SOCIAL_CODES = 'http://fhir.kl.dk/term/CodeSystem/CareSocialCodes'

const klSystems: ReadonlySet<string | undefined> = new Set([
  CARE_SOCIAL_CODES,
  'urn:oid:1.2.208.176.2.21',
  'urn:oid:1.2.208.176.2.22',
])

/** "Social indsats": KL's own example uses the request of that name where the value set wants the intervention. */
const REQUEST = '4a297733-4d66-4726-a933-590d55cf91e0'
const INTERVENTION = 'e459386d-1474-4c31-89c5-c8bc7a25e3d4'

/** KL writes one concept as a UUID, with hyphens or underscores: made one. Letter codes such as I6.3 stay. */
export function klCoding(coding: JsonNode): SourceRecord {
  const read = codingOf(coding)
  const { system, code } = read
  if (typeof code !== 'string' || typeof system !== 'string' || !klSystems.has(system)) return read
  const hyphenated = code.replaceAll('_', '-').toLowerCase()
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(hyphenated)
    ? { ...read, code: hyphenated }
    : read
}

/** https://github.com/hl7dk/KL-dk, KLCommonCareSocialCarePlan: the category is a planned intervention. */
export function klCategory(coding: JsonNode, warnings: string[]): SourceRecord {
  const read = klCoding(coding)
  if (read['system'] !== CARE_SOCIAL_CODES || read['code'] !== REQUEST) return read
  warnings.push(`${coding.path}: the code of a request was read as that of the intervention`)
  return { ...read, code: INTERVENTION }
}
