import type {
  Argument,
  Condition,
  IgnoredClause,
  MapCall,
  MapGroup,
  MapRule,
  MapSource,
  MapTarget,
  MapText,
  Transform,
} from './map-syntax.ts'
import { MapCursor, MapSyntaxError } from './map-cursor.ts'
import type { MapToken } from './map-tokens.ts'

const LIST_MODES: ReadonlySet<string> = new Set(['first', 'not_first', 'last', 'not_last', 'only_one'])

/** Reads the text of a map, keeping what the engine's parser drops. Throws `MapSyntaxError`. */
export function readMap(text: string): MapText {
  return new MapReader(new MapCursor(text)).map()
}

class MapReader {
  readonly #at: MapCursor
  readonly #ignored: IgnoredClause[] = []

  constructor(cursor: MapCursor) {
    this.#at = cursor
  }

  map(): MapText {
    const groups: MapGroup[] = []
    const uses: { url: string; mode: string; line: number }[] = []
    this.#at.expect('map')
    const url = this.#at.take('string')
    this.#at.expect('=')
    this.#at.next()
    while (this.#at.peek().kind !== 'end') {
      const { value, line } = this.#at.next()
      if (value === 'group') groups.push(this.#group(line))
      else if (value === 'uses') uses.push(this.#uses(line))
      else if (value === 'imports') this.#ignore('imports', line, () => this.#at.take('string'))
      else if (value === 'conceptmap') this.#ignore('conceptmap', line, () => this.#skipBlock())
      else throw new MapSyntaxError(line, `expected \`group\`, found \`${value}\``)
    }
    return { url, uses, groups, ignored: this.#ignored }
  }

  #uses(line: number): MapText['uses'][number] {
    const url = this.#at.take('string')
    if (this.#at.skip('alias')) this.#ignore('alias', line, () => this.#at.take('name'))
    this.#at.expect('as')
    return { url, mode: this.#at.take('name'), line }
  }

  #group(line: number): MapGroup {
    const name = this.#at.take('name')
    const inputs = this.#at.list('(', ')', () => this.#input())
    if (this.#at.skip('extends')) this.#ignore('extends', line, () => this.#at.take('name'))
    if (this.#at.skip('<<')) this.#ignore('<<types>>', line, () => this.#skipPast('>>'))
    return { line, name, inputs, rules: this.#rules() }
  }

  #input(): MapGroup['inputs'][number] {
    const mode = this.#at.take('name')
    const name = this.#at.take('name')
    return this.#at.skip(':') ? { mode, name, type: this.#at.take('name') } : { mode, name }
  }

  #rules(): MapRule[] {
    const rules: MapRule[] = []
    this.#at.expect('{')
    while (!this.#at.skip('}')) rules.push(this.#rule())
    return rules
  }

  #rule(): MapRule {
    const { line } = this.#at.peek()
    this.#at.skip('for')
    const sources = this.#at.oneOrMore(() => this.#source())
    const targets = this.#at.skip('->') ? this.#at.oneOrMore(() => this.#target()) : []
    let rules: MapRule[] = []
    let calls: MapCall[] = []
    if (this.#at.skip('then')) {
      if (this.#at.peek().value === '{') rules = this.#rules()
      else calls = this.#at.oneOrMore(() => this.#call())
    }
    if (this.#at.peek().kind === 'string') this.#at.next()
    this.#at.expect(';')
    return { line, sources, targets, rules, calls }
  }

  #source(): MapSource {
    const { line } = this.#at.peek()
    const path = this.#path()
    if (this.#at.skip(':')) this.#ignore('source type', line, () => this.#at.take('name'))
    if (this.#at.skip('default')) this.#ignore('default', line, () => this.#at.next())
    const listMode = LIST_MODES.has(this.#at.peek().value) ? this.#at.next().value : undefined
    const variable = this.#at.skip('as') ? this.#at.take('name') : undefined
    if (this.#at.skip('log')) this.#ignore('log', line, () => this.#at.next())
    const where = this.#at.skip('where') ? this.#condition() : undefined
    const hasCheck = this.#at.skip('check')
    if (hasCheck) this.#condition()
    return {
      line,
      path,
      hasCheck,
      ...(listMode === undefined ? {} : { listMode }),
      ...(variable === undefined ? {} : { variable }),
      ...(where === undefined ? {} : { where }),
    }
  }

  #condition(): Condition {
    const tokens = this.#at.takeUntil(',', '->', ';', 'then', 'check')
    const [variable, equals, literal] = tokens
    const isEquality =
      tokens.length === 3 &&
      variable?.kind === 'name' &&
      equals?.value === '=' &&
      literal &&
      isLiteral(literal)
    return isEquality ? { equals: { variable: variable.value } } : {}
  }

  #target(): MapTarget {
    const { line } = this.#at.peek()
    const path = this.#path()
    const transform = this.#at.skip('=') ? this.#transform() : undefined
    const variable = this.#at.skip('as') ? this.#at.take('name') : undefined
    if (this.#at.skip('share')) this.#ignore('share', line, () => this.#at.take('name'))
    for (const mode of ['first', 'last', 'collate']) {
      if (this.#at.skip(mode)) this.#ignore(`target ${mode}`, line, () => undefined)
    }
    return {
      line,
      path,
      ...(transform === undefined ? {} : { transform }),
      ...(variable === undefined ? {} : { variable }),
    }
  }

  #transform(): Transform {
    const token = this.#at.next()
    if (token.value === '(') {
      this.#skipPast(')')
      return { kind: 'fhirpath' }
    }
    if (isLiteral(token)) return { kind: 'literal' }
    if (token.kind !== 'name')
      throw new MapSyntaxError(token.line, `expected a transform, found \`${token.value}\``)
    if (this.#at.peek().value === '(')
      return { kind: 'call', name: token.value, args: this.#at.list('(', ')', () => this.#argument()) }
    if (this.#at.peek().value === '.') {
      this.#at.takeUntil(',', ';', 'then', 'as')
      return { kind: 'fhirpath' }
    }
    return { kind: 'copy', variable: token.value }
  }

  #argument(): Argument {
    const token = this.#at.next()
    if (isLiteral(token)) return { kind: 'literal', value: token.value }
    if (token.kind === 'name') return { kind: 'variable', name: token.value }
    throw new MapSyntaxError(token.line, `expected an argument, found \`${token.value}\``)
  }

  #call(): MapCall {
    const { line } = this.#at.peek()
    return { line, name: this.#at.take('name'), args: this.#at.list('(', ')', () => this.#at.take('name')) }
  }

  #path(): string[] {
    const path = [this.#at.take('name')]
    while (this.#at.skip('.')) path.push(this.#at.take('name'))
    return path
  }

  #ignore(clause: string, line: number, read: () => unknown): void {
    read()
    this.#ignored.push({ clause, line })
  }

  #skipBlock(): void {
    this.#at.take('string')
    this.#at.expect('{')
    this.#skipPast('}')
  }

  #skipPast(mark: string): void {
    this.#at.takeUntil(mark)
    this.#at.expect(mark)
  }
}

function isLiteral(token: MapToken): boolean {
  return (
    token.kind === 'string' || token.kind === 'number' || token.value === 'true' || token.value === 'false'
  )
}
