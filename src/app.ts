/** The Express app: every way in, as a table. What leaves is written by exchange/respond.ts. */
import express, { type Express, type Request, type Response } from 'express'
import helmet from 'helmet'
import { receive, refusal } from '#adapters/receive.ts'
import { type SectorRoute, sectorRoutes } from '#adapters/sector-routes.ts'
import type { Requester, TokenVerifier } from '#auth/requester.ts'
import { smartConfiguration } from '#auth/smart-configuration.ts'
import type { TokenIssuer } from '#auth/token-endpoint.ts'
import { originOf } from '#exchange/access.ts'
import type { Call, Exchange } from '#exchange/call.ts'
import { capabilities } from '#exchange/capabilities.ts'
import { respond } from '#exchange/respond.ts'
import { GatewayError } from '#fhir/gateway-error.ts'
import { answerError, asGatewayError, errorHandler } from '#http/errors.ts'
import { type FhirRoute, fhirRoutes } from '#http/interactions.ts'
import {
  authenticate,
  bodyOf,
  bytes,
  identify,
  locals,
  requireBody,
  requireMediaType,
  requireScope,
} from '#http/request.ts'
import { keepRefused, recordToken } from '#http/keep.ts'

export interface AppOptions {
  readonly exchange: Exchange
  readonly verifier: TokenVerifier
  readonly issuer: TokenIssuer
  readonly tokenUrl: string
  readonly version: string
  /** Why the gateway is not ready, none when it is. */
  readonly readiness: () => Promise<readonly string[]>
  readonly metrics: () => Promise<string>
  readonly onRequest: express.RequestHandler
  readonly onUnexpected: (error: unknown, requestId: string) => void
}

const FHIR_TYPES = ['application/fhir+json', 'application/json']
const FORM_TYPES = ['application/x-www-form-urlencoded']

export function createApp(options: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.set('etag', false)
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      },
    }),
  )
  app.use(identify, options.onRequest)

  open(app, options)
  app.post('/oauth/token', named('/oauth/token'), bytes, (request, response) =>
    token(options, request, response),
  )
  for (const route of sectorRoutes) {
    app.post(route.path, named(route.path), bytes, (request, response) =>
      sector(options, route, request, response),
    )
  }
  for (const route of fhirRoutes) {
    const path = `/fhir${route.path}`
    app[route.method](path, named(path), bytes, (request, response) =>
      fhir(options, route, request, response),
    )
  }
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
  const statement = capabilities(fhirRoutes, {
    fhirBase,
    tokenUrl: options.tokenUrl,
    version: options.version,
    date: now().toISOString(),
  })
  const scopes = [...new Set(fhirRoutes.map(({ resourceType }) => `system/${resourceType}.cruds`))]
  const smart = smartConfiguration(options.tokenUrl, scopes)
  app.get('/fhir/metadata', named('/fhir/metadata'), (_request, response) => {
    respond(response, { status: 200, nonClinical: statement }, fhirBase)
  })
  for (const path of ['/.well-known/smart-configuration', '/fhir/.well-known/smart-configuration']) {
    app.get(path, named(path), (_request, response) => void response.json(smart))
  }
  app.get(
    '/.well-known/jwks.json',
    named('/.well-known/jwks.json'),
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

/** The route's template is all that logs, metrics and traces know of the address. */
function named(route: string): express.RequestHandler {
  return (_request, response, next) => {
    locals(response).route = route
    next()
  }
}

async function token({ exchange, issuer }: AppOptions, request: Request, response: Response): Promise<void> {
  requireMediaType(request, FORM_TYPES)
  const answer = await issuer.token(new URLSearchParams(new TextDecoder().decode(bodyOf(request))))
  await recordToken(exchange, answer.audit, locals(response).requestId)
  response.status(answer.status).set(answer.headers).json(answer.body)
}

async function fhir(
  { exchange, verifier }: AppOptions,
  route: FhirRoute,
  request: Request,
  response: Response,
): Promise<void> {
  const requester = await authenticate(verifier, request, response)
  requireScope(requester, route.resourceType, route.scope)
  const call = callOf(route, requester, request, response)
  try {
    if (route.body === 'resource') {
      requireMediaType(request, FHIR_TYPES)
      requireBody(call.body)
    }
    respond(response, await route.run(exchange, call), exchange.fhirBase)
  } catch (error) {
    if (route.body === 'resource')
      await keepRefused(
        exchange,
        requester,
        call.requestId,
        locals(response).route,
        call.body,
        asGatewayError(error),
      )
    throw error
  }
}

function callOf(route: FhirRoute, requester: Requester, request: Request, response: Response): Call {
  const form = route.body === 'form'
  if (form) requireMediaType(request, FORM_TYPES)
  const query = form ? new TextDecoder().decode(bodyOf(request)) : (request.originalUrl.split('?')[1] ?? '')
  const { id } = request.params
  return {
    requester,
    requestId: locals(response).requestId,
    resourceType: route.resourceType,
    id: typeof id === 'string' ? id : undefined,
    query: new URLSearchParams(query),
    queryInUrl: !form,
    header: (name) => request.get(name),
    body: bodyOf(request),
  }
}

async function sector(
  { exchange, verifier }: AppOptions,
  route: SectorRoute,
  request: Request,
  response: Response,
): Promise<void> {
  const requester = await authenticate(verifier, request, response)
  if (requester.sector !== route.sector) {
    throw new GatewayError({
      code: 'sector-mismatch',
      text: `this address takes messages of the ${route.sector} sector; your client belongs to another`,
    })
  }
  for (const type of route.makes) requireScope(requester, type, 'c')
  const body = bodyOf(request)
  const { requestId } = locals(response)
  try {
    requireMediaType(request, route.mediaTypes)
    requireBody(body)
    const answer = await receive(route, exchange, body, await originOf(exchange, { requester, requestId }))
    response.status(answer.status).type(answer.contentType).send(answer.body)
  } catch (cause) {
    const error = asGatewayError(cause)
    if (error.code === 'internal') throw cause
    await keepRefused(exchange, requester, requestId, route.path, body, error)
    const answer = refusal(route, exchange, body, error)
    if (!answer) return answerError(response, error)
    if (error.status === 503) response.setHeader('Retry-After', '5')
    response.status(answer.status).type(answer.contentType).send(answer.body)
  }
}
