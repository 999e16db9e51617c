/** Tokens of the FHIR Mapping Language with their places: https://hl7.org/fhir/R4/mapping-language.html#grammar */
export interface MapToken {
  readonly kind: 'name' | 'string' | 'number' | 'mark' | 'end'
  readonly value: string
  readonly line: number
}

const TOKEN =
  /(?<blank>\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*')|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<number>[0-9]+(?:\.[0-9]+)?)|(?<mark>->|<<|>>|\.\.|[\s\S])/y

export function tokenizeMap(text: string): MapToken[] {
  const tokens: MapToken[] = []
  const pattern = new RegExp(TOKEN.source, TOKEN.flags)
  let line = 1
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const token = toToken(found, line)
    if (token) tokens.push(token)
    line += found[0].split('\n').length - 1
  }
  tokens.push({ kind: 'end', value: '', line })
  return tokens
}

function toToken(found: RegExpExecArray, line: number): MapToken | undefined {
  const { string, name, number, mark } = found.groups ?? {}
  if (string !== undefined) return { kind: 'string', value: string.slice(1, -1), line }
  if (name !== undefined) return { kind: 'name', value: name, line }
  if (number !== undefined) return { kind: 'number', value: number, line }
  return mark === undefined ? undefined : { kind: 'mark', value: mark, line }
}
