/** What a client must be to be registered: keys that prove it is it, and no more than it may ask for. */
import { readAddressRange } from '#auth/address-range.ts'
import { assertionAlgorithms, isAssertionAlgorithm } from '#auth/algorithms.ts'
import { readClientKeys } from '#auth/client-keys.ts'
import { algorithmsOf, profiles } from '#auth/profiles.ts'
import { parseScope } from '#auth/scopes.ts'
import { BREAK_GLASS, coversPurpose, isPurposeOfUse } from '#consent/purpose-of-use.ts'
import { describe, describeCode, type Fault, GatewayError } from '#fhir/gateway-error.ts'
import type { ClientRegistration } from '#store/client-registrations.ts'
import type { Organization } from '#store/organizations.ts'
import { isPersonal } from './is-personal.ts'
import type { Findings } from './organization-entry.ts'
import type { ClientEntry, Place } from './registry-file.ts'

export interface ClientContext {
  /** Undefined: it could not be found, and that is a fault already. */
  readonly organization: Organization | undefined
  readonly before: ClientRegistration | undefined
  readonly place: Place
  readonly allowHttp: boolean
}

/** Fields that the entry leaves out are those of `before`. */
export function readClient(
  entry: ClientEntry,
  { organization, before, place, allowHttp }: ClientContext,
): Findings & { readonly registration?: ClientRegistration } {
  const found: Findings = { faults: [], warnings: [] }
  if (isPersonal(entry.id))
    found.faults.push(invalid(place('id'), 'found a number like a person’s; name the system'))
  const profile = entry.profile ?? before?.profile ?? 'smart'
  const algorithms = readAlgorithms(
    entry.assertionAlgorithms ?? before?.assertionAlgorithms ?? [],
    profile,
    place,
    found,
  )
  const keys = readKeys(entry, before, algorithmsOf({ profile, assertionAlgorithms: algorithms }), {
    place,
    found,
    allowHttp,
  })
  const mayOverride = entry.mayOverride ?? before?.mayOverride ?? false
  const resourceServer = entry.resourceServer ?? before?.resourceServer ?? false
  if (resourceServer && organization && organization.sector !== 'oversight')
    found.faults.push(
      invalid(
        place('resourceServer'),
        'only a client of the oversight asks about the tokens of others; leave it out',
      ),
    )
  const registration = {
    id: entry.id,
    profile,
    assertionAlgorithms: algorithms,
    resourceServer,
    scopes: readScopes(entry.scopes ?? before?.scopes ?? [], place, found),
    purposeOfUse: readPurposes(entry.purposesOfUse ?? before?.purposeOfUse ?? [], mayOverride, place, found),
    addressRanges: readRanges(entry.addressRanges ?? before?.addressRanges ?? [], place, found),
    mayOverride,
    overridePersons: before?.overridePersons ?? [],
    disabled: before?.disabled ?? false,
  }
  if (found.faults.length > 0 || !organization || !keys) return found
  return { ...found, registration: { ...registration, ...keys, organizationId: organization.id } }
}

type Keys = Pick<ClientRegistration, 'jwks' | 'jwksUrl' | 'tokenIssuer'>

/** One place alone, so that there is one answer to which keys count. */
function readKeys(
  { keys, keysFile: _read, jwksUrl, tokenIssuer }: ClientEntry,
  before: ClientRegistration | undefined,
  algorithms: ReturnType<typeof algorithmsOf>,
  {
    place,
    found,
    allowHttp,
  }: { readonly place: Place; readonly found: Findings; readonly allowHttp: boolean },
): Keys | undefined {
  const given = [keys, jwksUrl, tokenIssuer].filter((each) => each !== undefined)
  if (given.length === 0 && before)
    return before.jwks.keys.length === 0 ? before : checkedKeys(before.jwks, algorithms, place, found)
  if (given.length !== 1) {
    found.faults.push({
      code: given.length === 0 ? 'field-missing' : 'field-invalid',
      expression: place('keysFile'),
      text: `found ${given.length === 0 ? 'no keys' : 'keys in several places'}; send one of ${['keysFile', 'jwksUrl', 'tokenIssuer'].map(place).join(', ')}`,
    })
    return undefined
  }
  if (keys !== undefined) return checkedKeys(keys, algorithms, place, found)
  const field = jwksUrl === undefined ? 'tokenIssuer' : 'jwksUrl'
  const url = jwksUrl ?? tokenIssuer ?? ''
  if (!isAddress(url, allowHttp)) {
    found.faults.push(
      invalid(
        place(field),
        `found ${describe(url)}; send an absolute https address without credentials or fragment`,
      ),
    )
    return undefined
  }
  return { jwks: { keys: [] }, ...(jwksUrl === undefined ? { tokenIssuer: url } : { jwksUrl: url }) }
}

function checkedKeys(
  keys: object,
  algorithms: ReturnType<typeof algorithmsOf>,
  place: Place,
  { faults }: Findings,
): Keys | undefined {
  try {
    return { jwks: readClientKeys(keys, algorithms) }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    // Which key of the file: `/keys/1/kid`.
    faults.push(
      ...error.faults.map(({ code, text, expression = '' }) => ({
        code,
        expression: place('keysFile'),
        text: `${expression}: ${text}`,
      })),
    )
    return undefined
  }
}

function isAddress(text: string, allowHttp: boolean): boolean {
  const url = URL.parse(text)
  return (
    url !== null &&
    (url.protocol === 'https:' || (allowHttp && url.protocol === 'http:')) &&
    url.username === '' &&
    url.password === '' &&
    url.hash === ''
  )
}

function readAlgorithms(
  given: readonly string[],
  profile: ClientRegistration['profile'],
  place: Place,
  { faults }: Findings,
): ClientRegistration['assertionAlgorithms'] {
  const { algorithms, registrable } = profiles[profile]
  return given.flatMap((name, i) => {
    if (isAssertionAlgorithm(name) && [...algorithms, ...registrable].includes(name))
      // What the profile has is not registered beside it.
      return registrable.includes(name) ? [name] : []
    faults.push({
      code: 'code-unknown',
      expression: place(`assertionAlgorithms[${i}]`),
      text: `found ${describeCode(name)}; send one of ${assertionAlgorithms.filter((alg) => registrable.includes(alg)).join(', ')} beside those of ${profile}, ${algorithms.join(', ')}`,
    })
    return []
  })
}

function readScopes(scopes: readonly string[], place: Place, { faults }: Findings): readonly string[] {
  if (scopes.length === 0)
    faults.push({
      code: 'field-missing',
      expression: place('scopes'),
      text: 'found nothing; send what it may ask for, such as system/CarePlan.rs',
    })
  for (const [i, scope] of scopes.entries())
    if (parseScope(scope) === undefined)
      faults.push(
        invalid(
          place(`scopes[${i}]`),
          `found ${describe(scope)} that grants nothing; write it like system/CarePlan.rs: a type or *, a dot, and letters of cruds in that order`,
        ),
      )
  return scopes
}

/** Emergency is declared for one citizen at a time, by a person; a client that has it always would need no consent ever. */
function readPurposes(
  codes: readonly string[],
  mayOverride: boolean,
  place: Place,
  { faults }: Findings,
): readonly string[] {
  if (codes.length === 0)
    faults.push({
      code: 'field-missing',
      expression: place('purposesOfUse'),
      text: 'found nothing; send what it acts for, of v3-ActReason, such as TREAT',
    })
  for (const [i, code] of codes.entries()) {
    const expression = place(`purposesOfUse[${i}]`)
    if (!isPurposeOfUse(code) || code === 'PurposeOfUse')
      faults.push({
        code: 'code-unknown',
        expression,
        text: `found ${describeCode(code)}; send a purpose of use of v3-ActReason, such as TREAT`,
      })
    else if (!mayOverride && (code === BREAK_GLASS || coversPurpose('ETREAT', code)))
      faults.push(
        invalid(
          expression,
          `found ${code}, which is emergency; leave it out, and name who may break the glass with \`sluse client allow-override\`, or say ${place('mayOverride')}`,
        ),
      )
  }
  return codes
}

function readRanges(
  ranges: readonly string[],
  place: Place,
  { faults, warnings }: Findings,
): readonly string[] {
  const read = ranges.flatMap((text, i) => {
    const one = readAddressRange(text)
    const at = place(`addressRanges[${i}]`)
    if ('fault' in one) {
      faults.push(invalid(at, one.fault))
      return []
    }
    if (one.warning) warnings.push(`${at}: ${one.warning}`)
    return [one.range]
  })
  return [...new Set(read)]
}

function invalid(expression: string, text: string): Fault {
  return { code: 'field-invalid', expression, text }
}
