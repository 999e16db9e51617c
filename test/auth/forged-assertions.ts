import type { RefusalReason } from '#auth/oauth-refusal.ts'
import type { Forgery } from './forge.ts'
import { AUDIENCE, ISSUER, NOW_S, TOKEN_URL, client, encode, keys, unsigned } from './forge.ts'

export interface ForgedAssertion {
  readonly title: string
  readonly spec: string
  readonly want: RefusalReason
  /** How it differs from a good assertion, or the whole text. */
  readonly forgery: Forgery | string
}

const good = { iss: client.id, sub: client.id, aud: TOKEN_URL, exp: NOW_S + 300, jti: 'a-1' }
const other = 'https://other.example/oauth/token'
const asSecret = { kty: 'oct', k: encode(JSON.stringify(keys.ec.publicKey)) }
const { rsa, stranger } = keys

/** One forgery a line; the formatter is off to keep it so. SMART = client-confidential-asymmetric of STU 2.2. */
// prettier-ignore
const rows: readonly [title: string, spec: string, want: RefusalReason, forgery: Forgery | string][] = [
  // the algorithm
  ['alg none',                               'RFC 8725 3.2',    'assertion-algorithm',  unsigned({ alg: 'none', kid: 'ec-1' }, good)],
  ['alg None',                               'RFC 8725 3.2',    'assertion-algorithm',  unsigned({ alg: 'None', kid: 'ec-1' }, good)],
  ['no alg',                                 'RFC 7515 4.1.1',  'assertion-algorithm',  unsigned({ kid: 'ec-1' }, good)],
  ['HS384 with the public key as secret',    'RFC 8725 2.1',    'assertion-algorithm',  { header: { alg: 'HS384' }, key: asSecret }],
  ['RS256',                                  'SMART signing',   'algorithm-not-registered',  { header: { alg: 'RS256', kid: 'rsa-1' }, key: { ...rsa.privateKey, alg: 'RS256' } }],
  ['PS384',                                  'SMART signing',   'assertion-algorithm',  { header: { alg: 'PS384', kid: 'rsa-1' }, key: { ...rsa.privateKey, alg: 'PS384' } }],
  ['RS384 with the kid of an EC key',        'RFC 8725 3.1',    'key-unknown',          { header: { alg: 'RS384' }, key: rsa.privateKey }],
  // where the key comes from
  ['jku',                                    'SMART header',    'assertion-header',     { header: { jku: 'https://evil.example/jwks' } }],
  ['jwk',                                    'RFC 8725 3.10',   'assertion-header',     { header: { jwk: stranger.publicKey }, key: stranger.privateKey }],
  ['x5u',                                    'RFC 8725 3.10',   'assertion-header',     { header: { x5u: 'http://169.254.169.254/' } }],
  ['x5c',                                    'RFC 8725 3.10',   'assertion-header',     { header: { x5c: ['MIIB'] } }],
  ['crit',                                   'RFC 7515 4.1.11', 'assertion-header',     { header: { crit: ['sluse-unknown'], 'sluse-unknown': 1 } }],
  ['no kid',                                 'SMART header',    'assertion-kid',        { header: { kid: undefined } }],
  ['a kid that is a path',                   'RFC 8725 3.10',   'assertion-kid',        { header: { kid: '../../../dev/null' } }],
  ['a kid that is SQL',                      'RFC 8725 3.10',   'assertion-kid',        { header: { kid: "x' or '1'='1" } }],
  ['a kid that is a URL',                    'RFC 8725 3.10',   'assertion-kid',        { header: { kid: 'https://evil.example/k' } }],
  ['a kid of 129 characters',                'our limit',       'assertion-kid',        { header: { kid: 'k'.repeat(129) } }],
  ['a kid that is a number',                 'RFC 7515 4.1.4',  'assertion-kid',        unsigned({ alg: 'ES384', kid: 1 }, good)],
  ['a kid of nobody',                        'SMART',           'key-unknown',          { header: { kid: 'ec-2' } }],
  // another kind of token
  ['typ at+jwt',                             'RFC 8725 3.11',   'assertion-header',     { header: { typ: 'at+jwt' } }],
  ['typ dpop+jwt',                           'RFC 8725 3.11',   'assertion-header',     { header: { typ: 'dpop+jwt' } }],
  ['a typ that is a number',                 'RFC 7519 5.1',    'assertion-header',     unsigned({ alg: 'ES384', kid: 'ec-1', typ: 1 }, good)],
  // who
  ['no iss',                                 'SMART claims',    'assertion-issuer',     { claims: { iss: undefined } }],
  ['no sub',                                 'SMART claims',    'assertion-issuer',     { claims: { sub: undefined } }],
  ['neither iss nor sub',                    'SMART claims',    'assertion-issuer',     { claims: { iss: undefined, sub: undefined } }],
  ['iss is not sub',                         'SMART claims',    'assertion-issuer',     { claims: { sub: 'gp-system' } }],
  ['an id that PostgreSQL cannot hold',      'RFC 6749 A.1',    'assertion-issuer',     { claims: { iss: 'a\u0000b', sub: 'a\u0000b' } }],
  ['an unknown client',                      'SMART',           'client-unknown',       { claims: { iss: 'nobody', sub: 'nobody' } }],
  ['another key under the same kid',         'SMART',           'signature-invalid',    { key: stranger.privateKey }],
  // for whom
  ['no aud',                                 'SMART claims',    'assertion-audience',   { claims: { aud: undefined } }],
  ['aud of another server',                  'rfc7523bis',      'assertion-audience',   { claims: { aud: other } }],
  ['aud with another server in a list',      'rfc7523bis',      'assertion-audience',   { claims: { aud: [TOKEN_URL, other] } }],
  ['aud as a list of one',                   'rfc7523bis',      'assertion-audience',   { claims: { aud: [TOKEN_URL] } }],
  ['aud is our issuer, as HelseID has it',   'SMART claims',    'assertion-audience',   { claims: { aud: ISSUER } }],
  ['aud is our FHIR base URL',               'SMART claims',    'assertion-audience',   { claims: { aud: AUDIENCE } }],
  ['aud with a slash at its end',            'SMART claims',    'assertion-audience',   { claims: { aud: `${TOKEN_URL}/` } }],
  // when; the exact boundaries are properties in client-assertion.test.ts
  ['no exp',                                 'SMART claims',    'assertion-lifetime',   { claims: { exp: undefined } }],
  ['exp as text',                            'RFC 7519 4.1.4',  'assertion-lifetime',   { claims: { exp: String(NOW_S + 60) } }],
  ['exp in ten years',                       'SMART claims',    'assertion-lifetime',   { claims: { exp: NOW_S + 315_360_000 } }],
  ['exp in milliseconds',                    'RFC 7519 2',      'assertion-lifetime',   { claims: { exp: NOW_S * 1000 } }],
  ['exp that is infinite',                   'RFC 7519 2',      'assertion-lifetime',   { payload: JSON.stringify(good).replace(/"exp":\d+/, '"exp":1e999') }],
  ['exp in the past',                        'RFC 7519 4.1.4',  'assertion-lifetime',   { claims: { exp: NOW_S - 60 } }],
  ['iat in the future',                      'RFC 7523 3',      'assertion-lifetime',   { claims: { iat: NOW_S + 60 } }],
  ['iat as text',                            'RFC 7519 4.1.6',  'assertion-lifetime',   { claims: { iat: 'now' } }],
  ['iat an hour ago: too long a lifetime',   'RFC 7523 3',      'assertion-lifetime',   { claims: { iat: NOW_S - 3600 } }],
  ['nbf in the future',                      'RFC 7519 4.1.5',  'assertion-lifetime',   { claims: { nbf: NOW_S + 60 } }],
  ['nbf as text',                            'RFC 7519 4.1.5',  'assertion-lifetime',   { claims: { nbf: 'now' } }],
  // how often; replays are in client-assertion.test.ts
  ['no jti',                                 'SMART claims',    'assertion-jti',        { claims: { jti: undefined } }],
  ['an empty jti',                           'our limit',       'assertion-jti',        { claims: { jti: '' } }],
  ['a jti of 256 characters',                'our limit',       'assertion-jti',        { claims: { jti: 'j'.repeat(256) } }],
  ['a jti that PostgreSQL cannot hold',      'our limit',       'assertion-jti',        { claims: { jti: 'a\u0000' } }],
  ['a jti that is a number',                 'RFC 7519 4.1.7',  'assertion-jti',        { claims: { jti: 7 } }],
  // no signed token at all
  ['nothing',                                'RFC 7515 3.1',    'assertion-unreadable', ''],
  ['two parts',                              'RFC 7515 3.1',    'assertion-unreadable', 'e30.e30'],
  ['five parts: encrypted',                  'RFC 7516 3.1',    'assertion-unreadable', 'a.b.c.d.e'],
  ['parts that are not base64url',           'RFC 7515 3.1',    'assertion-unreadable', '?.?.?'],
  ['a header that is not JSON',              'RFC 7515 4',      'assertion-unreadable', `${encode('{')}.${encode('{}')}.AA`],
  ['claims that are a list',                 'RFC 7519 7.2',    'assertion-unreadable', `${encode('{"alg":"ES384"}')}.${encode('[]')}.AA`],
  ['more than 8,192 characters',             'our limit',       'assertion-unreadable', { claims: { pad: 'x'.repeat(8192) } }],
  ['an empty signature',                     'RFC 7515 5.2',    'signature-invalid',    unsigned({ alg: 'ES384', kid: 'ec-1' }, good)],
]

export const forgedAssertions: readonly ForgedAssertion[] = rows.map(([title, spec, want, forgery]) => ({
  title,
  spec,
  want,
  forgery,
}))
