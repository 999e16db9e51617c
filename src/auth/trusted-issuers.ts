/**
 * Issuers beside our own whose access tokens are accepted, such as HelseID or a region's Keycloak: what the operator says of
 * each, read at the start. A token of theirs is good for clients only that are registered here under that issuer.
 */
import type { AssertionAlgorithm } from './algorithms.ts'
import { assertionAlgorithms, isAssertionAlgorithm } from './algorithms.ts'
import { isRecord } from './public-key.ts'

export interface TrustedIssuer {
  readonly issuer: string
  /** Where its keys are; absent: its `/.well-known/openid-configuration` says it. */
  readonly jwksUrl?: string
  /** What `aud` must be: our name at that issuer. */
  readonly audience: string
  readonly clientIdClaim: string
  readonly scopeClaim: string
  /** Its scopes in ours, such as `nhn:sluse/read` as `system/*.rs`; absent: its scopes are ours. What is not here is no scope. */
  readonly scopes?: ReadonlyMap<string, readonly string[]>
  /** What the header's `typ` may be. */
  readonly types: readonly string[]
  readonly algorithms: readonly AssertionAlgorithm[]
  /** From `iat` to `exp`. */
  readonly maxLifetimeS: number
  /** Whether a token that is bound to no key is refused. */
  readonly dpop: boolean
}

const MEMBERS: ReadonlySet<string> = new Set([
  'issuer',
  'jwksUrl',
  'audience',
  'clientIdClaim',
  'scopeClaim',
  'scopes',
  'types',
  'algorithms',
  'maxLifetimeSeconds',
  'dpop',
])
/** A bearer token for longer is a key that nobody rotates. */
const MAX_LIFETIME_S = 3_600

/** @throws Error with a line for each fault, as JSON pointers. */
export function readTrustedIssuers(value: unknown, ownIssuer: string): readonly TrustedIssuer[] {
  if (!Array.isArray(value)) throw new Error('a list of issuers is expected')
  const faults: string[] = []
  const issuers = value.flatMap((each: unknown, index) => {
    const found = isRecord(each) ? faultsIn(each) : ['must be an object']
    faults.push(...found.map((fault) => `/${index}${fault.startsWith('/') ? '' : ' '}${fault}`))
    return isRecord(each) && found.length === 0 ? [asIssuer(each)] : []
  })
  const names = [ownIssuer, ...issuers.map(({ issuer }) => issuer)]
  if (new Set(names).size < names.length) faults.push('an issuer is there twice, or is this gateway')
  if (faults.length > 0) throw new Error(faults.join('; '))
  return issuers
}

type Members = Readonly<Record<string, unknown>>

function faultsIn(given: Members): string[] {
  const { issuer, jwksUrl, audience, types, algorithms, maxLifetimeSeconds, dpop, scopes } = given
  const checks: readonly (readonly [boolean, string])[] = [
    [isUrl(issuer), '/issuer must be an http or https URL without query, exactly as its tokens have it'],
    [jwksUrl === undefined || isUrl(jwksUrl), '/jwksUrl must be an http or https URL'],
    [isText(audience), '/audience must be what its tokens have as `aud` for this gateway'],
    [isOptional(given['clientIdClaim'], isText), '/clientIdClaim must be the name of a claim'],
    [isOptional(given['scopeClaim'], isText), '/scopeClaim must be the name of a claim'],
    [isOptional(types, isTexts), '/types must be a list of `typ`, such as `at+jwt`'],
    [
      isTexts(algorithms) && algorithms.every(isAssertionAlgorithm),
      `/algorithms must be a list of ${assertionAlgorithms.join(', ')}`,
    ],
    [
      isOptional(
        maxLifetimeSeconds,
        (s) => Number.isInteger(s) && Number(s) > 0 && Number(s) <= MAX_LIFETIME_S,
      ),
      `/maxLifetimeSeconds must be 1 to ${MAX_LIFETIME_S}`,
    ],
    [isOptional(dpop, (each) => typeof each === 'boolean'), '/dpop must be true or false'],
    [
      isOptional(scopes, (each) => isRecord(each) && Object.values(each).every(isTexts)),
      '/scopes must be an object of lists: the issuer’s scope, and ours for it',
    ],
  ]
  const unknown = Object.keys(given).filter((name) => !MEMBERS.has(name))
  return [
    ...checks.flatMap(([holds, text]) => (holds ? [] : [text])),
    ...unknown.map((name) => `/${name} is not known`),
  ]
}

/** What was checked above, with its defaults: RFC 9068's type and claims, ten minutes, and DPoP unless it is switched off. */
function asIssuer(given: Members): TrustedIssuer {
  const { jwksUrl, scopes, maxLifetimeSeconds } = given
  return {
    issuer: textOr(given['issuer'], ''),
    ...(typeof jwksUrl === 'string' && { jwksUrl }),
    audience: textOr(given['audience'], ''),
    clientIdClaim: textOr(given['clientIdClaim'], 'client_id'),
    scopeClaim: textOr(given['scopeClaim'], 'scope'),
    ...(isRecord(scopes) && {
      scopes: new Map(Object.entries(scopes).map(([name, ours]) => [name, isTexts(ours) ? ours : []])),
    }),
    types: isTexts(given['types']) ? given['types'] : ['at+jwt'],
    algorithms: isTexts(given['algorithms']) ? given['algorithms'].filter(isAssertionAlgorithm) : [],
    maxLifetimeS: typeof maxLifetimeSeconds === 'number' ? maxLifetimeSeconds : 600,
    dpop: given['dpop'] !== false,
  }
}

function textOr(value: unknown, otherwise: string): string {
  return isText(value) ? value : otherwise
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText)
}

function isUrl(value: unknown): boolean {
  return isText(value) && /^https?:\/\/[^?#@]+$/.test(value) && URL.canParse(value)
}
