/** Reads `.http` files as the REST clients of editors do, as far as ours use them. */

export interface HttpRequest {
  readonly title: string
  /** Of the comment `# Answers 201`. */
  readonly answers: number
  /** Of the comment `# @name read`: later requests may use its answer. */
  readonly name: string | undefined
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** `@name = value` lines of the whole file, and its requests, their variables still in braces. */
export function readHttpFile(text: string): {
  readonly variables: ReadonlyMap<string, string>
  readonly requests: readonly HttpRequest[]
} {
  const variables = new Map(
    [...text.matchAll(/^@(\w+)\s*=\s*(.+)$/gm)].map(
      ([, name = '', value = '']) => [name, value.trim()] as const,
    ),
  )
  return {
    variables,
    requests: text
      .split(/^### ?/m)
      .slice(1)
      .map(readRequest),
  }
}

function readRequest(block: string): HttpRequest {
  const [title = '', ...lines] = block.split('\n')
  const comments = lines.filter((line) => line.startsWith('#'))
  const [head = '', ...rest] = lines
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .trim()
    .split(/\n\n/)
  const [first = '', ...headers] = head.split('\n')
  const [, method = '', url = ''] = /^([A-Z]+) (\S.*)$/.exec(first) ?? []
  const body = rest.join('\n\n')
  const commented = (pattern: RegExp): string | undefined =>
    comments.map((line) => pattern.exec(line)?.[1]).find(Boolean)
  return {
    title: title.trim(),
    answers: Number(commented(/^# Answers (\d{3})$/)),
    name: commented(/^# @name (\w+)$/),
    method,
    url,
    headers: Object.fromEntries(
      headers.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
    ),
    body: body === '' ? undefined : body,
  }
}

/** Fills in `{{…}}`. @throws when a variable is unknown, as an editor would send the braces. */
export function fillIn(
  text: string,
  variables: ReadonlyMap<string, string>,
  answers: ReadonlyMap<string, HttpAnswer>,
): string {
  return text.replaceAll(/\{\{([^}]+)\}\}/g, (_whole, expression: string) => {
    if (expression === '$datetime iso8601') return new Date(Date.now() - 1_000).toISOString()
    const [, name = '', part = '', path = ''] =
      /^(\w+)\.response\.(headers|body)\.(.+)$/.exec(expression) ?? []
    const answer = answers.get(name)
    const value = answer ? valueIn(answer, part, path) : variables.get(expression)
    if (value === undefined) throw new Error(`nothing is known of {{${expression}}}`)
    return value.includes('{{') ? fillIn(value, variables, answers) : value
  })
}

function valueIn({ headers, text }: HttpAnswer, part: string, path: string): string | undefined {
  if (part === 'headers') return headers.get(path) ?? undefined
  const steps = [...path.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? index ?? '')
  let value: unknown = JSON.parse(text)
  for (const step of steps)
    value =
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([key]) => key === step)?.[1]
        : undefined
  return typeof value === 'string' ? value : undefined
}
