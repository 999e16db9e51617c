/**
 * `/docs`: the OpenAPI description as a page. Everything it needs is served from here, and its policy lets it load from
 * nowhere else: a page about a health gateway must not tell a third party who reads it.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Express, RequestHandler } from 'express'

const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const own = fileURLToPath(new URL('./docs/', import.meta.url))

/** By address. Named one by one: nothing else of the package is served. */
const files: Readonly<Record<string, string>> = {
  '/docs': join(own, 'index.html'),
  '/docs/start.js': join(own, 'start.js'),
  '/docs/page.css': join(own, 'page.css'),
  '/docs/swagger-ui.css': join(swagger, 'swagger-ui.css'),
  '/docs/swagger-ui-bundle.js': join(swagger, 'swagger-ui-bundle.js'),
}

/** Swagger UI sets style attributes and draws its icons from `data:` addresses; scripts come from files alone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** `named` gives logs and metrics the route's template. */
export function serveDocsPage(app: Express, named: (route: string) => RequestHandler): void {
  for (const [path, file] of Object.entries(files)) {
    app.get(path, named(path), (_request, response, next) => {
      response.setHeader('Content-Security-Policy', POLICY)
      response.sendFile(
        file,
        { cacheControl: false, etag: false, lastModified: false },
        (error?: unknown) => {
          if (error !== undefined) next(error)
        },
      )
    })
  }
}
