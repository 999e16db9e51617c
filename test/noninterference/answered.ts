/** One world's side of a sequence: fills in its own ids, sends, and gives the answer back without ids and times. */
import { randomUUID } from 'node:crypto'
import { sandboxOrganizations } from '#sandbox/identities.ts'
import { type Received, sendRaw } from '#test/http.ts'
import type { Request } from './requests.ts'
import type { World } from './worlds.ts'

/** Of the answer, or of the moment: two answers never agree in them. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'x-request-id',
  'date',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
])
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
/** Also of what has ids in it: that two are equal must be so in both worlds. */
const HASH = /\b[0-9a-f]{64}\b/g
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g
const HTTP_DATE = /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g

export interface Answered {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly text: string
}

export interface Asker {
  ask(request: Request): Promise<Answered>
  /** Deletes what the sequence made, so that the next one finds what this one found. */
  tidy(): Promise<void>
}

export function createAsker({ gateway, ids, token }: World): Asker {
  /** By first appearance: the same answers give the same names, whatever the ids. */
  const seen = new Map<string, string>([...ids].map(([name, id]) => [id, `<${name}>`]))
  const made: string[] = []
  let version: string = randomUUID()
  let next = '/fhir/CarePlan?_id='

  function fill(text: string): string {
    return text.replaceAll(/\{([a-z-]+)\}/g, (_braces, name: string) => {
      if (name === 'made') return made.at(-1)?.split('/')[1] ?? randomUUID()
      if (name === 'made-reference') return made.at(-1) ?? `CarePlan/${randomUUID()}`
      if (name === 'made-version') return version
      if (name === 'next') return next
      if (name === 'hospital') return sandboxOrganizations.hospital.id
      return [...ids].find(([known]) => known === name)?.[1] ?? randomUUID()
    })
  }

  function remember({ headers, text }: Received): void {
    const [, of, id, madeVersion] =
      /\/fhir\/(\w+)\/([0-9a-f-]{36})\/_history\/([0-9a-f-]{36})/.exec(headers.get('location') ?? '') ?? []
    if (of && id && madeVersion && !made.includes(`${of}/${id}`) && ![...ids.values()].includes(id))
      made.push(`${of}/${id}`)
    if (madeVersion) version = madeVersion
    const link = /"relation":"next","url":"([^"]+)"/.exec(text)?.[1]
    if (link) next = new URL(link).pathname + new URL(link).search
  }

  function nameOf(id: string): string {
    const name = seen.get(id) ?? `<id ${seen.size}>`
    seen.set(id, name)
    return name
  }

  function anonymous(text: string): string {
    return text
      .replaceAll(gateway.baseUrl, '<base>')
      .replaceAll(/_?cursor=[\w-]+/g, (cursor) => `<cursor of ${cursor.length}>`)
      .replaceAll(UUID, nameOf)
      .replaceAll(HASH, nameOf)
      .replaceAll(INSTANT, '<instant>')
      .replaceAll(HTTP_DATE, '<date>')
  }

  async function send({ method, path, headers = {}, body }: Request): Promise<Received> {
    return sendRaw(gateway.baseUrl, fill(path), {
      method,
      token: await token(),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)])),
      ...(body === undefined ? {} : { body: fill(body) }),
    })
  }

  return {
    ask: async (request) => {
      const answer = await send(request)
      remember(answer)
      return {
        status: answer.status,
        headers: [...answer.headers]
          .filter(([name]) => !OF_THE_MOMENT.has(name))
          .map(([name, value]) => [name, anonymous(value)] as const),
        text: anonymous(answer.text),
      }
    },
    tidy: async () => {
      for (const reference of made) await send({ method: 'DELETE', path: `/fhir/${reference}` })
    },
  }
}
