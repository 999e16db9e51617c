/**
 * Attachments of what is sent in: a bounded file in the resource, or an address that a recipient may go to. The gateway
 * opens neither: it fetches no address, since that would ask another system in the name of whoever sent it.
 * https://hl7.org/fhir/R4/datatypes.html#Attachment
 */
import type { Fault } from '#fhir/gateway-error.ts'

/** Of the file itself, before base64: every reader of the record gets it, in a body of at most 2 MB. */
export const MAX_FILE_BYTES = 1_000_000

/** What a reader's system may follow without harm; `file:`, `data:` and `javascript:` are none of them. */
const ADDRESS = /^(?:https:\/\/|urn:(?:oid|uuid):)/

const PLACES: ReadonlySet<string> = new Set([
  'attachment',
  'contentAttachment',
  'photo',
  'sourceAttachment',
  'valueAttachment',
])

/** Of a valid resource: every attachment in it that is too large, or that is somewhere nobody should be sent. */
export function attachmentFaults(value: unknown, path: string, isAttachment = false): Fault[] {
  if (Array.isArray(value))
    return value.flatMap((item, i) => attachmentFaults(item, `${path}[${i}]`, isAttachment))
  if (typeof value !== 'object' || value === null) return []
  if (isAttachment) return faultsOf(value, path)
  return Object.entries(value).flatMap(([key, item]) =>
    attachmentFaults(item, `${path}.${key}`, PLACES.has(key)),
  )
}

function faultsOf(attachment: object, path: string): Fault[] {
  const faults: Fault[] = []
  if (
    'data' in attachment &&
    typeof attachment.data === 'string' &&
    bytesIn(attachment.data) > MAX_FILE_BYTES
  )
    faults.push({
      code: 'field-invalid',
      expression: `${path}.data`,
      text: `a file of more than ${MAX_FILE_BYTES / 1e6} MB is not exchanged here; keep it where it is, and send its address in \`url\``,
    })
  if ('url' in attachment && typeof attachment.url === 'string' && !ADDRESS.test(attachment.url))
    faults.push({
      code: 'field-invalid',
      expression: `${path}.url`,
      text: 'an address of a file begins with `https://`, `urn:oid:` or `urn:uuid:`; send the file in `data`, or where it can be had',
    })
  return faults
}

/** Three for each four letters; the padding is no more than two. */
function bytesIn(base64: string): number {
  return Math.floor((base64.replace(/[\s=]/g, '').length * 3) / 4)
}
