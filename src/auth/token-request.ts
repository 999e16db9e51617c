import { OAuthRefusal } from './oauth-refusal.ts'
import type { Scope } from './scopes.ts'
import { parseScope } from './scopes.ts'

export interface TokenRequest {
  readonly assertion: string
  /** Optional in the form; when it is there it must name the same client as the assertion. */
  readonly clientId: string | undefined
  /** At least one. */
  readonly scopes: readonly AskedScope[]
}

export interface AskedScope {
  /** As the client wrote it, which is how the answer names it. */
  readonly text: string
  readonly scope: Scope
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** More than there are resource types that Sluse serves. */
const MAX_SCOPES = 50

/** https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html#obtain-access-token */
export function readTokenRequest(form: URLSearchParams): TokenRequest {
  // https://www.rfc-editor.org/rfc/rfc6749#section-3.2: no parameter twice, known or not.
  if (new Set(form.keys()).size !== [...form.keys()].length) {
    throw new OAuthRefusal('parameter-repeated', 'a parameter was sent more than once: send each once')
  }
  if (required(form, 'grant_type') !== 'client_credentials') {
    throw new OAuthRefusal(
      'grant-unsupported',
      'the `grant_type` is not supported: send `client_credentials`',
    )
  }
  // https://www.rfc-editor.org/rfc/rfc6749#section-2.3: one way of authentication in a request.
  if (form.has('client_secret')) {
    const text = 'found `client_secret`: leave it out, clients authenticate with `client_assertion` alone'
    throw new OAuthRefusal('two-authentications', text)
  }
  if (required(form, 'client_assertion_type') !== ASSERTION_TYPE) {
    const text = `the \`client_assertion_type\` is not supported: send \`${ASSERTION_TYPE}\``
    throw new OAuthRefusal('assertion-type-unsupported', text)
  }
  const assertion = required(form, 'client_assertion')
  return {
    assertion,
    clientId: form.get('client_id') ?? undefined,
    scopes: readScopes(required(form, 'scope')),
  }
}

/** A parameter without a value counts as not sent (RFC 6749, section 3.2). */
function required(form: URLSearchParams, name: string): string {
  const value = form.get(name)
  if (value === null || value === '') {
    throw new OAuthRefusal('parameter-missing', `\`${name}\` is missing: send it in the form`)
  }
  return value
}

function readScopes(parameter: string): readonly AskedScope[] {
  const texts = parameter.split(' ').filter((text) => text !== '')
  if (texts.length === 0 || texts.length > MAX_SCOPES) {
    throw new OAuthRefusal('scope-malformed', `send 1 to ${MAX_SCOPES} scopes, separated by spaces`)
  }
  return texts.map((text, index) => {
    const scope = parseScope(text)
    if (scope !== undefined) return { text, scope }
    const form = '`system/CarePlan.rs`: a type or `*`, a dot, and letters of `cruds` in that order'
    throw new OAuthRefusal(
      'scope-malformed',
      `scope number ${index + 1} cannot be granted: write it like ${form}`,
    )
  })
}
