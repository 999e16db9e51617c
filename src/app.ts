/** The Express app: every way in, as a table. What leaves is written by exchange/respond.ts. */
import express, { type Express, type Request, type Response } from 'express'
import helmet from 'helmet'
import { receive, refusal } from '#adapters/receive.ts'
import { type SectorRoute, sectorRoutes } from '#adapters/sector-routes.ts'
import type { Requester, TokenVerifier } from '#auth/requester.ts'
import { oauthAddresses, smartConfiguration } from '#auth/smart-configuration.ts'
import type { TokenIssuer } from '#auth/token-endpoint.ts'
import type { TokenStatus } from '#auth/token-status.ts'
import { originOf } from '#exchange/access.ts'
import type { Call, Exchange } from '#exchange/call.ts'
import { capabilities } from '#exchange/capabilities.ts'
import { respond } from '#exchange/respond.ts'
import { needsWholeScope } from '#exchange/within-scope.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { clientAddress } from '#http/client-address.ts'
import { answerError, asGatewayError, errorHandler } from '#http/errors.ts'
import { type FhirRoute, fhirRoutes, insteadOf } from '#exchange/interactions.ts'
import {
  authenticate,
  identify,
  locals,
  queryOf,
  readBody,
  requireBody,
  requireMediaType,
  requireScope,
} from '#http/request.ts'
import { serveDocsPage } from '#http/docs-page.ts'
import { guardHeaders } from '#http/headers.ts'
import { keepRefused } from '#exchange/keep-refused.ts'
import { recordToken, recordTokenStatus } from '#http/keep.ts'
import { negotiate, requireFormats } from '#http/negotiate.ts'
import { readForm, readParameters } from '#http/parameters.ts'
import { createRateLimits, type RateLimits, type Rates } from '#http/rate-limit.ts'
import { openApi } from '#http/openapi.ts'

export interface AppOptions {
  readonly exchange: Exchange
  readonly verifier: TokenVerifier
  readonly issuer: TokenIssuer
  readonly tokenStatus: TokenStatus
  readonly tokenUrl: string
  readonly version: string
  /** Why the gateway is not ready, none when it is. */
  readonly readiness: () => Promise<readonly string[]>
  readonly metrics: () => Promise<string>
  readonly onRequest: express.RequestHandler
  /** Address ranges of the proxies before the gateway. */
  readonly trustedProxies: readonly string[]
  readonly rates: Rates
  readonly onUnexpected: (error: unknown, requestId: string) => void
}

const FHIR_TYPES = ['application/fhir+json', 'application/json']
/** https://hl7.org/fhir/R4/http.html#patch: neither FHIRPath Patch nor XML Patch. */
const PATCH_TYPES = ['application/json-patch+json']
const FORM_TYPES = ['application/x-www-form-urlencoded']

export function createApp(options: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.set('etag', false)
  app.set('trust proxy', [...options.trustedProxies])
  const limits = createRateLimits(options.rates)
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      },
    }),
  )
  app.use(identify, options.onRequest, guardHeaders, limits.byAddress)
  app.use('/fhir', negotiate)

  open(app, options)
  app.post('/oauth/token', named('/oauth/token'), ...limits.token, (request, response) =>
    token(options, request, response),
  )
  app.post('/oauth/introspect', named('/oauth/introspect'), ...limits.token, (request, response) =>
    aboutToken(options, 'introspect', request, response),
  )
  app.post('/oauth/revoke', named('/oauth/revoke'), ...limits.token, (request, response) =>
    aboutToken(options, 'revoke', request, response),
  )
  for (const route of sectorRoutes) {
    app.post(route.path, named(route.path), (request, response) =>
      sector(options, limits, route, request, response),
    )
  }
  for (const route of fhirRoutes) {
    const path = `/fhir${route.path}`
    app[route.method](path, named(path), (request, response) =>
      fhir(options, limits, route, request, response),
    )
  }
  refuseOtherMethods(app)
  app.use((_request, _response) => {
    throw new GatewayError({
      code: 'not-found',
      text: 'there is nothing at this address; GET /fhir/metadata lists what is served',
    })
  })
  app.use(errorHandler({ onUnexpected: options.onUnexpected }))
  return app
}

/** What needs no token: it tells nothing about anybody. */
function open(app: Express, options: AppOptions): void {
  const { fhirBase, now } = options.exchange
  const oauth = oauthAddresses(fhirBase.slice(0, -'/fhir'.length))
  const statement = capabilities(fhirRoutes, {
    fhirBase,
    ...oauth,
    version: options.version,
    date: now().toISOString(),
  })
  const types = fhirRoutes.map(({ resourceType }) => resourceType).filter((type) => type !== '')
  const scopes = [...new Set(types.map((type) => `system/${type}.cruds`))]
  const smart = smartConfiguration(oauth, scopes)
  app.get('/fhir/metadata', named('/fhir/metadata'), anyOrigin, (_request, response) => {
    respond(response, { status: 200, nonClinical: statement }, fhirBase)
  })
  for (const path of ['/.well-known/smart-configuration', '/fhir/.well-known/smart-configuration']) {
    app.get(path, named(path), anyOrigin, (_request, response) => void response.json(smart))
  }
  let described: object | undefined
  app.get('/openapi.json', named('/openapi.json'), (_request, response) => {
    const { tokenUrl, version } = options
    const baseUrl = fhirBase.slice(0, -'/fhir'.length)
    described ??= openApi({ fhirRoutes, sectorRoutes, statement, tokenUrl, baseUrl, version })
    response.json(described)
  })
  serveDocsPage(app, named)
  app.get(
    '/.well-known/jwks.json',
    named('/.well-known/jwks.json'),
    anyOrigin,
    (_request, response) => void response.json(options.issuer.jwks()),
  )
  app.get(
    '/health/live',
    named('/health/live'),
    (_request, response) => void response.json({ status: 'live' }),
  )
  app.get('/health/ready', named('/health/ready'), async (_request, response) => {
    const reasons = await options.readiness()
    response
      .status(reasons.length === 0 ? 200 : 503)
      .json(reasons.length === 0 ? { status: 'ready' } : { status: 'not ready', reasons })
  })
  app.get('/metrics', named('/metrics'), async (_request, response) => {
    response.type('text/plain; version=0.0.4').send(await options.metrics())
  })
}

/** What anybody may read, a page of another origin may: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#cors */
const anyOrigin: express.RequestHandler = (_request, response, next) => {
  response.setHeader('Access-Control-Allow-Origin', '*')
  next()
}

/** https://www.rfc-editor.org/rfc/rfc9110#status.405: the address is served, in other ways. */
function refuseOtherMethods(app: Express): void {
  const methods = new Map<string, string[]>(
    ['/oauth/token', '/oauth/introspect', '/oauth/revoke', ...sectorRoutes.map(({ path }) => path)].map(
      (path) => [path, ['POST']],
    ),
  )
  for (const { path, method } of fhirRoutes) {
    const known = methods.get(`/fhir${path}`) ?? []
    methods.set(`/fhir${path}`, [...known, method.toUpperCase()])
  }
  for (const [path, allowed] of methods) {
    app.all(path, named(path), (request, response) => {
      response.setHeader('Allow', allowed.join(', '))
      throw new GatewayError({
        code: 'method-not-allowed',
        text:
          insteadOf[`${request.method} ${path}`] ??
          `this address takes ${allowed.join(' and ')}; GET /fhir/metadata lists what is served`,
      })
    })
  }
}

/** The route's template is all that logs, metrics and traces know of the address. */
function named(route: string): express.RequestHandler {
  return (_request, response, next) => {
    locals(response).route = route
    next()
  }
}

async function token({ exchange, issuer }: AppOptions, request: Request, response: Response): Promise<void> {
  requireMediaType(request, FORM_TYPES)
  const form = readForm(await readBody(request, response, 'form'))
  const answer = await issuer.token(form, request.get('dpop'), clientAddress(request))
  await recordToken(exchange, answer.audit, locals(response).requestId)
  response.status(answer.status).set(answer.headers).json(answer.body)
}

/** Introspection and revocation. What was revoked holds here at once, and at other gateways within a client's staleness. */
async function aboutToken(
  { exchange, tokenStatus, verifier }: AppOptions,
  asked: 'introspect' | 'revoke',
  request: Request,
  response: Response,
): Promise<void> {
  requireMediaType(request, FORM_TYPES)
  const form = readForm(await readBody(request, response, 'form'))
  const answer = await tokenStatus[asked](form, clientAddress(request))
  await recordTokenStatus(exchange, asked, answer, locals(response).requestId)
  if (answer.revoked) verifier.forget(answer.revoked.clientId)
  response.status(answer.status).set(answer.headers)
  if (answer.body) response.json(answer.body)
  else response.end()
}

/** The body is read after the token and its scope: nobody else makes the gateway hold two megabytes. */
async function fhir(
  { exchange, verifier }: AppOptions,
  limits: RateLimits,
  route: FhirRoute,
  request: Request,
  response: Response,
): Promise<void> {
  const requester = await authenticate(verifier, request, response)
  await limits.admit(response, requester.clientId, route.interaction)
  // A Bundle has none of its own: each of its entries has.
  if (route.resourceType !== '')
    requireScope(requester, route.resourceType, route.scope, needsWholeScope(route))
  let body: Uint8Array = new Uint8Array()
  try {
    if (route.body !== 'none')
      body = await readBody(request, response, route.body === 'form' ? 'form' : 'message')
    if (holdsResource(route)) {
      requireMediaType(request, route.body === 'json-patch' ? PATCH_TYPES : FHIR_TYPES)
      requireBody(body)
    }
    const call = callOf(route, requester, { request, response, body })
    const charge = (interactions: readonly (string | undefined)[]): Promise<void> =>
      limits.charge(response, requester.clientId, interactions)
    respond(response, await route.run(exchange, { ...call, charge }), exchange.fhirBase)
  } catch (cause) {
    const error = asGatewayError(cause)
    // What is only tried is nobody's loss.
    if (holdsResource(route) && route.interaction !== '$validate' && !request.socket.destroyed) {
      const { requestId, route: template } = locals(response)
      await keepRefused(
        exchange,
        { requester, requestId, route: template, interaction: route.interaction, body },
        error,
      )
    }
    throw cause
  }
}

/** Or what changes one: a citizen's data, which is quarantined when it is refused. */
function holdsResource({ body }: FhirRoute): boolean {
  return body === 'resource' || body === 'json-patch'
}

interface Exchanged {
  readonly request: Request
  readonly response: Response
  readonly body: Uint8Array
}

function callOf(route: FhirRoute, requester: Requester, { request, response, body }: Exchanged): Call {
  const form = route.body === 'form'
  if (form) requireMediaType(request, FORM_TYPES)
  const inUrl = queryOf(request)
  if (form && inUrl !== '') {
    throw new GatewayError({
      code: 'parameter-invalid',
      text: 'send every parameter in the form body; none may stand in the URL of `_search`',
    })
  }
  const query = form ? readForm(body) : readParameters(inUrl)
  requireFormats(query.getAll('_format'))
  query.delete('_format')
  const { id, vid } = request.params
  return {
    requester,
    requestId: locals(response).requestId,
    resourceType: route.resourceType,
    id: typeof id === 'string' ? id : undefined,
    versionId: typeof vid === 'string' ? vid : undefined,
    query,
    queryInUrl: !form,
    header: (name) => request.get(name),
    body,
  }
}

async function sector(
  { exchange, verifier }: AppOptions,
  limits: RateLimits,
  route: SectorRoute,
  request: Request,
  response: Response,
): Promise<void> {
  const requester = await authenticate(verifier, request, response)
  await limits.admit(response, requester.clientId, 'message')
  if (requester.sector !== route.sector) {
    throw new GatewayError({
      code: 'sector-mismatch',
      text: `this address takes messages of the ${route.sector} sector; your client belongs to another`,
    })
  }
  for (const type of route.makes) requireScope(requester, type, 'c', true)
  const { requestId } = locals(response)
  let body: Uint8Array = new Uint8Array()
  try {
    body = await readBody(request, response)
    requireMediaType(request, route.mediaTypes)
    requireBody(body)
    const answer = await receive(route, exchange, body, await originOf(exchange, { requester, requestId }))
    response.status(answer.status).type(answer.contentType).send(answer.body)
  } catch (cause) {
    const error = asGatewayError(cause)
    if (error.code === 'internal' || request.socket.destroyed) throw cause
    await keepRefused(
      exchange,
      { requester, requestId, route: route.path, interaction: 'message', body },
      error,
    )
    const answer = refusal(route, exchange, body, error)
    if (!answer) return answerError(response, error)
    if (error.status === 503) response.setHeader('Retry-After', '5')
    response.status(answer.status).type(answer.contentType).send(answer.body)
  }
}
