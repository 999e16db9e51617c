/** The OpenAPI description says what is served, all of it and nothing else, and its page loads nothing from elsewhere. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CapabilityStatement } from '@medplum/fhirtypes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sectorRoutes } from '#adapters/sector-routes.ts'
import { fhirRoutes } from '#exchange/interactions.ts'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { startGateway, type TestGateway } from '#test/gateway.ts'
import { sendRaw } from '#test/http.ts'
import { openAddresses } from '#test/open-addresses.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Operation {
  readonly operationId: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: object }>> }
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

let gateway: TestGateway
let text: string
let described: Description
beforeAll(async () => {
  gateway = await startGateway({ role: 'gateway' })
  const answer = await sendRaw(gateway.baseUrl, '/openapi.json')
  text = answer.text
  described = answer.json() as Description
})
afterAll(() => gateway.close())

function operations(): { readonly method: string; readonly path: string; readonly operation: Operation }[] {
  return Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
}

describe('the description', () => {
  test('has each row of both tables, with the scope that the row asks for', () => {
    for (const { method, path, resourceType, scope } of fhirRoutes) {
      const operation = described.paths[`/fhir${path.replaceAll(/:(\w+)/g, '{$1}')}`]?.[method]
      const needed = resourceType === '' ? [] : [`system/${resourceType}.${scope}`]
      expect(operation?.security, `${method} ${path}`).toEqual([{ smart: needed }, { token: [] }])
    }
    for (const { path, makes } of sectorRoutes) {
      expect(described.paths[path]?.['post']?.security).toEqual([
        { smart: makes.map((type) => `system/${type}.c`) },
        { token: [] },
      ])
    }
  })

  test('has what is served without a token, and the token endpoints', () => {
    const addresses = openAddresses()
    expect(addresses.length).toBeGreaterThan(8)
    const known = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(addresses.filter((address) => !known.includes(address))).toEqual([])
  })

  test('has nothing that is not served: no operation is answered as an unknown address or method', async () => {
    expect(operations().length).toBeGreaterThan(fhirRoutes.length + sectorRoutes.length)
    for (const { method, path } of operations()) {
      const answer = await sendRaw(gateway.baseUrl, path.replaceAll(/\{\w+\}/g, crypto.randomUUID()), {
        method: method.toUpperCase(),
      })
      expect(answer.text, `${method} ${path}`).not.toContain('there is nothing at this address')
      expect(answer.status, `${method} ${path}`).not.toBe(405)
      if (
        path.startsWith('/sectors') ||
        (path.startsWith('/fhir') && operationOf(method, path).security.length > 0)
      )
        expect(answer.status, `${method} ${path}`).toBe(401)
    }
  })

  test('gives every operation its own id', () => {
    const ids = operations().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('names the search parameters that the CapabilityStatement names', async () => {
    const { rest } = (await sendRaw(gateway.baseUrl, '/fhir/metadata')).json() as CapabilityStatement
    const resource = rest?.[0]?.resource?.find(({ type }) => type === 'CarePlan')
    const named = operationOf('get', '/fhir/CarePlan').parameters?.filter(
      (parameter) => parameter.in === 'query',
    )
    const searched = resource?.searchParam?.map(({ name }) => name) ?? []
    expect(searched.length).toBeGreaterThan(4)
    expect(named?.map(({ name }) => name)).toEqual(expect.arrayContaining(searched))
  })

  test('has examples that are accepted as they stand', async () => {
    const client = await gateway.addClient({
      id: 'example-sender',
      organizationId: sandboxOrganizations.hospital.id,
      profile: 'smart',
      scopes: ['system/*.cruds'],
      purposeOfUse: ['TREAT'],
    })
    const examples = operations().flatMap(({ method, path, operation }) => {
      const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
      return method === 'post' && !path.includes('$') && content?.example && type
        ? [{ path, type, body: content.example }]
        : []
    })
    expect(examples.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/fhir/CarePlan', '/fhir/Encounter', '/fhir/Condition']),
    )
    for (const { path, type, body } of examples) {
      const answer = await client.send('POST', path, { type, content: JSON.stringify(body) })
      expect({ path, status: answer.status }).toEqual({ path, status: 201 })
    }
  })

  test('passes a linter of the standard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluse-openapi-'))
    try {
      writeFileSync(join(folder, 'openapi.json'), text)
      const redocly = join(ROOT, 'node_modules/@redocly/cli/bin/cli.js')
      const config = join(ROOT, 'test/http/redocly.yaml')
      const output = execFileSync(
        process.execPath,
        [redocly, 'lint', join(folder, 'openapi.json'), '--config', config, '--format', 'json'],
        {
          encoding: 'utf8',
          env: {
            PATH: process.env['PATH'] ?? '',
            REDOCLY_TELEMETRY: 'off',
            REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
            HOME: folder,
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
      const { problems } = JSON.parse(output) as {
        problems: readonly { readonly ruleId: string; readonly message: string }[]
      }
      expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

function operationOf(method: string, path: string): Operation {
  const operation = described.paths[path]?.[method]
  if (!operation) throw new Error(`${method} ${path} is not described`)
  return operation
}

describe('the page at /docs', () => {
  test('loads scripts, styles and the description from here alone, and all of them are there', async () => {
    const page = await sendRaw(gateway.baseUrl, '/docs')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const loaded = [...page.text.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)].map(
      ([, url]) => url ?? '',
    )
    expect(loaded).toEqual([
      'data:,',
      '/docs/swagger-ui.css',
      '/docs/page.css',
      '/docs/swagger-ui-bundle.js',
      '/docs/start.js',
    ])
    for (const url of [...loaded.slice(1), '/openapi.json']) {
      expect({ url, status: (await sendRaw(gateway.baseUrl, url)).status }).toEqual({ url, status: 200 })
    }
  })

  test('may load nothing else: its policy names no other origin, and no script in the page', async () => {
    const page = await sendRaw(gateway.baseUrl, '/docs')
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(page.text).not.toMatch(/<script(?![^>]+src=)/)
  })

  test('serves no other file of the package', async () => {
    for (const path of [
      '/docs/index.html',
      '/docs/package.json',
      '/docs/..%2fpackage.json',
      '/docs/swagger-ui.js',
    ]) {
      expect({ path, status: (await sendRaw(gateway.baseUrl, path)).status }).toEqual({ path, status: 404 })
    }
  })
})
