/** Headers, and what stands where a token should. Reliability T1, T5, T7, T20. */
import type { ErrorCode } from '#fhir/gateway-error.ts'
import { type Attack, CANARY } from './attack.ts'

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
// prettier-ignore
const claims = { iss: 'http://127.0.0.1', aud: 'http://127.0.0.1', client_id: 'hospital-ehr', scope: 'system/*.cruds', exp: 9_999_999_999, iat: 1, jti: CANARY }
const forged = (header: object, signature = 'AAAA', body: unknown = claims): string =>
  `Bearer ${segment(header)}.${segment(body)}.${signature}`

type Row = readonly [string, string, ErrorCode?]

// prettier-ignore
const tokens: readonly Row[] = [
  ['another scheme', `Basic ${Buffer.from(`hospital-ehr:${CANARY}`).toString('base64')}`, 'token-missing'],
  ['no scheme', CANARY, 'token-missing'],
  ['a scheme alone', 'Bearer'],
  ['a word', `Bearer ${CANARY}`],
  ['two words', `Bearer ${CANARY} ${CANARY}`],
  ['quotes', `Bearer "${CANARY}"`],
  ['a list', `Bearer ${CANARY}, Bearer ${CANARY}`],
  ['9 kB', `Bearer ${'a'.repeat(9_000)}`],
  ['no algorithm', forged({ alg: 'none', typ: 'at+jwt' }, '')],
  ['no algorithm, in capitals', forged({ alg: 'NONE', typ: 'at+jwt' }, '')],
  ['no header', `Bearer .${segment(claims)}.AAAA`],
  ['no claims', `Bearer ${segment({ alg: 'ES256' })}..AAAA`],
  ['no signature', forged({ alg: 'ES256', typ: 'at+jwt' }, '')],
  ['two dots more', `${forged({ alg: 'ES256', typ: 'at+jwt' })}..`],
  ['HMAC', forged({ alg: 'HS256', typ: 'at+jwt' })],
  ['a key in the header', forged({ alg: 'ES256', typ: 'at+jwt', jwk: { kty: 'oct', k: 'AAAA' } })],
  ['a key by address', forged({ alg: 'ES256', typ: 'at+jwt', jku: 'https://evil.example/jwks' })],
  ['a certificate by address', forged({ alg: 'RS256', typ: 'at+jwt', x5u: 'https://evil.example/cert' })],
  ['a key by path', forged({ alg: 'ES256', typ: 'at+jwt', kid: '../../../../dev/null' })],
  ['a key by SQL', forged({ alg: 'ES256', typ: 'at+jwt', kid: "x' union select 'AAAA' --" })],
  ['an extension that is critical', forged({ alg: 'ES256', typ: 'at+jwt', crit: ['x'], x: 1 })],
  ['a proof as a token', forged({ alg: 'ES256', typ: 'dpop+jwt' })],
  ['an identity as a token', forged({ alg: 'ES256', typ: 'JWT' })],
  ['a payload that is not encoded', forged({ alg: 'ES256', typ: 'at+jwt', b64: false, crit: ['b64'] })],
  ['an encrypted token', `Bearer ${segment({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
  ['a compressed token', forged({ alg: 'ES256', typ: 'at+jwt', zip: 'DEF' })],
  ['a header that is a list', `Bearer ${segment([])}.${segment(claims)}.AAAA`],
  ['a header that is null', `Bearer ${segment(null)}.${segment(claims)}.AAAA`],
  ['a header with __proto__', `Bearer ${Buffer.from('{"alg":"ES256","__proto__":{"x":1}}').toString('base64url')}.${segment(claims)}.AAAA`],
  ['a header of 1,000 levels', `Bearer ${Buffer.from(`{"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`).toString('base64url')}.${segment(claims)}.AAAA`],
  ['claims with __proto__', forged({ alg: 'ES256', typ: 'at+jwt' }, 'AAAA', { ['__proto__']: { x: 1 } })],
  ['claims that are null', forged({ alg: 'ES256', typ: 'at+jwt' }, 'AAAA', null)],
]

const body = JSON.stringify({ resourceType: 'CarePlan', title: CANARY })

type HeaderRow = readonly [string, string, string, ErrorCode]

// prettier-ignore
const writes: readonly HeaderRow[] = [
  ['a type of another charset', 'Content-Type', 'application/fhir+json; charset=utf-16', 'media-type-unsupported'],
  ['a type of another FHIR', 'Content-Type', 'application/fhir+json; fhirVersion=5.0', 'media-type-unsupported'],
  ['two types', 'Content-Type', 'application/fhir+json, text/html', 'media-type-unsupported'],
  ['a type with a charset twice', 'Content-Type', 'application/json; charset=utf-8; charset=utf-7', 'media-type-unsupported'],
  ['a type that goes on', 'Content-Type', `application/json;${' a=b;'.repeat(1_000)}=`, 'media-type-unsupported'],
  ['a type of XML', 'Content-Type', 'application/fhir+xml', 'media-type-unsupported'],
  ['a type of several parts', 'Content-Type', `multipart/form-data; boundary=${CANARY}`, 'media-type-unsupported'],
  ['a type that is a word', 'Content-Type', CANARY, 'media-type-unsupported'],
  ['a type of __proto__', 'Content-Type', '__proto__', 'media-type-unsupported'],
  ['gzip', 'Content-Encoding', 'gzip', 'media-type-unsupported'],
  ['gzip twice', 'Content-Encoding', 'gzip, gzip', 'media-type-unsupported'],
  ['a coding that there is not', 'Content-Encoding', CANARY, 'media-type-unsupported'],
  ['XML is asked for', 'Accept', 'application/fhir+xml', 'not-acceptable'],
  ['nothing is asked for', 'Accept', '*/*;q=0', 'not-acceptable'],
  ['another FHIR is asked for', 'Accept', 'application/fhir+json; fhirVersion=4.3', 'not-acceptable'],
  ['something long is asked for', 'Accept', `${'a/b;c="d",'.repeat(1_000)}a/b`, 'not-acceptable'],
]

// prettier-ignore
export const headers: readonly Attack[] = [
  ...tokens.map(([title, authorization, code = 'token-invalid']): Attack => ({ title: `token: ${title}`, path: '/fhir/CarePlan/x', authorization, code })),
  ...writes.map(([title, name, value, code]): Attack => ({ title: `header: ${title}`, method: 'POST', path: '/fhir/CarePlan', body, ...(name === 'Content-Type' ? { type: value } : { type: 'application/fhir+json', headers: { [name]: value } }), code })),
]
