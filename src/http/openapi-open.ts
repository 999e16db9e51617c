/** What is served without a token, and the token endpoints: routes of app.ts, held to this by test/http/openapi.test.ts. */

const json = (schema: object = { type: 'object' }) => ({ 'application/json': { schema } })

function open(
  operationId: string,
  tag: string,
  summary: string,
  content: object,
  more: object = {},
): { get: object } {
  return {
    get: {
      operationId,
      tags: [tag],
      summary,
      responses: { 200: { description: summary, content }, ...more },
      security: [],
    },
  }
}

const smart = (operationId: string) =>
  open(operationId, 'tokens', 'Where to get a token, and what may be asked for', json())

const refused = {
  description: 'Refused, with `error` and `error_description` of OAuth.',
  content: json({
    type: 'object',
    required: ['error'],
    properties: { error: { type: 'string' }, error_description: { type: 'string' } },
  }),
}

function form(
  operationId: string,
  summary: string,
  required: readonly string[],
  properties: readonly string[],
): { post: object } {
  return {
    post: {
      operationId,
      tags: ['tokens'],
      summary,
      requestBody: {
        required: true,
        content: {
          'application/x-www-form-urlencoded': {
            schema: {
              type: 'object',
              required,
              properties: Object.fromEntries(properties.map((name) => [name, { type: 'string' }])),
            },
          },
        },
      },
      responses: {
        200: { description: summary, content: json() },
        400: refused,
        401: refused,
        429: { $ref: '#/components/responses/429' },
        503: { $ref: '#/components/responses/503' },
      },
      security: [],
    },
  }
}

const ASSERTION = ['client_assertion_type', 'client_assertion'] as const

export const openOperations: Readonly<Record<string, object>> = {
  '/fhir/metadata': open('metadata', 'system', 'What is served, as a CapabilityStatement', {
    'application/fhir+json': { schema: { $ref: '#/components/schemas/CapabilityStatement' } },
  }),
  '/.well-known/smart-configuration': smart('smart-configuration'),
  '/fhir/.well-known/smart-configuration': smart('fhir-smart-configuration'),
  '/.well-known/jwks.json': open('jwks', 'tokens', 'The keys that access tokens are signed with', json()),
  '/oauth/token': form(
    'token',
    'A token for five minutes',
    ['grant_type', 'scope', ...ASSERTION],
    ['grant_type', 'scope', 'client_id', ...ASSERTION],
  ),
  '/oauth/introspect': form(
    'introspect',
    'Whether a token of your own is active',
    ['token', ...ASSERTION],
    ['token', 'token_type_hint', 'client_id', ...ASSERTION],
  ),
  '/oauth/revoke': form(
    'revoke',
    'A token of your own ends now',
    ['token', ...ASSERTION],
    ['token', 'token_type_hint', 'client_id', ...ASSERTION],
  ),
  '/health/live': open('health-live', 'operation', 'The process answers', json()),
  '/health/ready': open('health-ready', 'operation', 'Requests can be served', json(), {
    503: { description: 'Not yet, or not now: `reasons` says why.', content: json() },
  }),
  '/metrics': open('metrics', 'operation', 'Figures for Prometheus', {
    'text/plain': { schema: { type: 'string' } },
  }),
  '/openapi.json': open('openapi', 'operation', 'This description', json()),
  '/docs': open('docs', 'operation', 'This description as a page', {
    'text/html': { schema: { type: 'string' } },
  }),
}
