/** Which interaction an address of a Bundle's entry is: by the same table that routes requests, in the same order. */
import { GatewayError } from '#fhir/gateway-error.ts'

interface Addressed {
  readonly method: string
  readonly path: string
  readonly body: string
}

export interface Matched<R extends Addressed> {
  readonly route: R
  readonly parameters: Readonly<Record<string, string>>
}

export function matchRoute<R extends Addressed>(
  routes: readonly R[],
  method: string,
  path: string,
): Matched<R> {
  // What comes as a form has no form in a Bundle.
  const fits = routes.flatMap((route): Matched<R>[] => {
    const parameters = route.body === 'form' || route.path === '' ? undefined : parametersOf(route.path, path)
    return parameters ? [{ route, parameters }] : []
  })
  const found = fits.find(({ route }) => route.method.toUpperCase() === method)
  if (found) return found
  const allowed = [...new Set(fits.map(({ route }) => route.method.toUpperCase()))]
  throw new GatewayError(
    allowed.length === 0
      ? {
          code: 'not-found',
          text: 'there is nothing at this address; GET /fhir/metadata lists what is served',
        }
      : {
          code: 'method-not-allowed',
          text: `this address takes ${allowed.join(' and ')}; GET /fhir/metadata lists what is served`,
        },
  )
}

function parametersOf(template: string, path: string): Readonly<Record<string, string>> | undefined {
  const [names, parts] = [template.split('/'), path.split('/')]
  if (names.length !== parts.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [at, name] of names.entries()) {
    const part = parts[at] ?? ''
    if (name.startsWith(':')) parameters[name.slice(1)] = part
    else if (name !== part) return undefined
  }
  return parameters
}
