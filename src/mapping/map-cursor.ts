import { type MapToken, tokenizeMap } from './map-tokens.ts'

/** Where the text stops being the Mapping Language. */
export class MapSyntaxError extends Error {
  override readonly name = 'MapSyntaxError'
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** A place in a map's text, and the steps from there. */
export class MapCursor {
  readonly #tokens: readonly MapToken[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokenizeMap(text)
  }

  peek(): MapToken {
    return this.#tokens[this.#at] ?? { kind: 'end', value: '', line: this.#tokens.at(-1)?.line ?? 1 }
  }

  next(): MapToken {
    const token = this.peek()
    this.#at++
    return token
  }

  /** Whether the next token is this mark or word; a string never is. */
  sees(value: string): boolean {
    const token = this.peek()
    return token.value === value && token.kind !== 'string' && token.kind !== 'end'
  }

  skip(value: string): boolean {
    const isThere = this.sees(value)
    if (isThere) this.#at++
    return isThere
  }

  expect(value: string): void {
    const token = this.peek()
    if (!this.skip(value))
      throw new MapSyntaxError(token.line, `expected \`${value}\`, found \`${token.value}\``)
  }

  take(kind: 'name' | 'string'): string {
    const token = this.next()
    if (token.kind !== kind)
      throw new MapSyntaxError(token.line, `expected a ${kind}, found \`${token.value}\``)
    return token.value
  }

  /** The tokens up to one of these marks, which stays; marks inside parentheses do not count. */
  takeUntil(...marks: readonly string[]): MapToken[] {
    const tokens: MapToken[] = []
    for (let open = 0; open > 0 || !marks.some((mark) => this.sees(mark));) {
      const token = this.next()
      if (token.kind === 'end')
        throw new MapSyntaxError(token.line, `expected \`${marks.join('` or `')}\` before the end`)
      if (token.value === '(' && token.kind === 'mark') open++
      if (token.value === ')' && token.kind === 'mark') open--
      tokens.push(token)
    }
    return tokens
  }

  list<Item>(open: string, close: string, read: () => Item): Item[] {
    this.expect(open)
    const items: Item[] = []
    while (!this.skip(close)) {
      if (items.length > 0) this.expect(',')
      items.push(read())
    }
    return items
  }

  oneOrMore<Item>(read: () => Item): Item[] {
    const items = [read()]
    while (this.skip(',')) items.push(read())
    return items
  }
}
