import { OAuthRefusal } from './oauth-refusal.ts'
import type { Scope } from './scopes.ts'
import { parseScope } from './scopes.ts'

/** How a client says who it is, in every form. */
export interface ClientForm {
  readonly assertion: string
  /** Optional in the form; when it is there it must name the same client as the assertion. */
  readonly clientId: string | undefined
}

export interface TokenRequest extends ClientForm {
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
  requireOnce(form)
  if (required(form, 'grant_type') !== 'client_credentials') {
    throw new OAuthRefusal(
      'grant-unsupported',
      'the `grant_type` is not supported: send `client_credentials`',
    )
  }
  return { ...readClientForm(form), scopes: readScopes(required(form, 'scope')) }
}

/** What introspection and revocation are asked: https://www.rfc-editor.org/rfc/rfc7662#section-2.1 */
export function readTokenQuestion(form: URLSearchParams): ClientForm & { readonly token: string } {
  requireOnce(form)
  return { ...readClientForm(form), token: required(form, 'token') }
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-3.2: no parameter twice, known or not. */
function requireOnce(form: URLSearchParams): void {
  if (new Set(form.keys()).size === [...form.keys()].length) return
  throw new OAuthRefusal('parameter-repeated', 'a parameter was sent more than once: send each once')
}

function readClientForm(form: URLSearchParams): ClientForm {
  // https://www.rfc-editor.org/rfc/rfc6749#section-2.3: one way of authentication in a request.
  if (form.has('client_secret')) {
    const text = 'found `client_secret`: leave it out, clients authenticate with `client_assertion` alone'
    throw new OAuthRefusal('two-authentications', text)
  }
  if (required(form, 'client_assertion_type') !== ASSERTION_TYPE) {
    const text = `the \`client_assertion_type\` is not supported: send \`${ASSERTION_TYPE}\``
    throw new OAuthRefusal('assertion-type-unsupported', text)
  }
  return { assertion: required(form, 'client_assertion'), clientId: form.get('client_id') ?? undefined }
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
