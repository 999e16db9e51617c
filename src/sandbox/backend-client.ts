/** A small SMART Backend Services client, as a vendor would write it: signs an assertion, gets a token, calls the API. */
import { randomUUID } from 'node:crypto'
import { importJWK, type JWK, SignJWT } from 'jose'

export interface BackendClientOptions {
  readonly baseUrl: string
  readonly clientId: string
  /** Private ES384 JWK with its kid. */
  readonly key: JWK
  readonly scope: string
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: () => unknown
}

export interface BackendClient {
  token(): Promise<string>
  send(
    method: string,
    path: string,
    body?: { readonly type: string; readonly content: string },
  ): Promise<ApiAnswer>
}

export function createBackendClient(options: BackendClientOptions): BackendClient {
  let known: { readonly token: string; readonly until: number } | undefined

  async function token(): Promise<string> {
    if (known && Date.now() < known.until) return known.token
    const answer = await requestToken(options)
    // Renewed a little before it ends, so that no request is under way with one that just did.
    known = { token: answer.access_token, until: Date.now() + (answer.expires_in - 30) * 1_000 }
    return known.token
  }

  return {
    token,
    send: async (method, path, body) => {
      const response = await fetch(new URL(path, options.baseUrl), {
        method,
        headers: {
          authorization: `Bearer ${await token()}`,
          accept: 'application/fhir+json',
          ...(body ? { 'content-type': body.type } : {}),
        },
        ...(body ? { body: body.content } : {}),
      })
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: () => JSON.parse(text) as unknown,
      }
    },
  }
}

async function requestToken({ baseUrl, clientId, key, scope }: BackendClientOptions) {
  const tokenUrl = new URL('/oauth/token', baseUrl).href
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'ES384', typ: 'JWT', ...(key.kid ? { kid: key.kid } : {}) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setJti(randomUUID())
    .setExpirationTime('4m')
    .sign(await importJWK(key, 'ES384'))
  const response = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  })
  const answer = (await response.json()) as {
    access_token?: string
    expires_in?: number
    error?: string
    error_description?: string
  }
  if (!response.ok || answer.access_token === undefined) {
    throw new Error(
      `no token for ${clientId}: ${answer.error ?? response.status}: ${answer.error_description ?? ''}`,
    )
  }
  return { access_token: answer.access_token, expires_in: answer.expires_in ?? 0 }
}
