import type { RequestListener } from 'node:http'
import { GatewayError } from '#fhir/gateway-error.ts'
import { answerError } from './errors.ts'

/** A worker answers the operator, and tells every client where to go. */
export function probesOnly(app: RequestListener): RequestListener {
  return (request, response) => {
    if (/^\/(health\/(live|ready)|metrics)(\?|$)/.test(request.url ?? '')) {
      app(request, response)
      return
    }
    response.setHeader('Cache-Control', 'no-store')
    const text = 'this process answers health and metrics alone; send requests to a gateway'
    answerError(response, new GatewayError({ code: 'not-found', text }))
  }
}
