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

/** Undefined where there is nothing, or nothing that takes the method. */
export function findRoute<R extends Addressed>(
  routes: readonly R[],
  method: string,
  path: string,
): Matched<R> | undefined {
  return fitting(routes, path).find(({ route }) => route.method.toUpperCase() === method)
}

export function matchRoute<R extends Addressed>(
  routes: readonly R[],
  method: string,
  path: string,
): Matched<R> {
  const found = findRoute(routes, method, path)
  if (found) return found
  const fits = fitting(routes, path)
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

/** What comes as a form has no form in a Bundle. */
function fitting<R extends Addressed>(routes: readonly R[], path: string): readonly Matched<R>[] {
  return routes.flatMap((route): Matched<R>[] => {
    const parameters = route.body === 'form' || route.path === '' ? undefined : parametersOf(route.path, path)
    return parameters ? [{ route, parameters }] : []
  })
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
