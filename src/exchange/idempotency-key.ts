/** The header: https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2.1 */
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Call } from './call.ts'

const HEADER = 'idempotency-key'
/** A structured string, in quotes; many clients leave them out. */
const KEY = /^(?:"([A-Za-z0-9._~-]{8,64})"|([A-Za-z0-9._~-]{8,64}))$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** A CPR or a fødselsnummer, however it is divided. */
const PERSON_NUMBER = /\d{6}[._~-]?\d{4}/

export function readIdempotencyKey({ header }: Pick<Call, 'header'>): string | undefined {
  const value = header(HEADER)
  if (value === undefined) return undefined
  const [, quoted, bare] = KEY.exec(value) ?? []
  const key = quoted ?? bare
  if (key === undefined)
    throw refused('send 8 to 64 letters, digits, `.`, `_`, `~` or `-`, best a random UUID in quotes')
  if (!UUID.test(key) && PERSON_NUMBER.test(key))
    throw refused('the key could hold a national id, which may stand in no header: send a random UUID')
  return key
}

function refused(text: string): GatewayError {
  return new GatewayError({ code: 'parameter-invalid', expression: 'http:Idempotency-Key', text })
}
