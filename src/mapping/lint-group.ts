import { type Binding, type Scope, type TargetBinding, joined, targetBinding } from './binding.ts'
import { type LintFinding, type LintRule, finding } from './lint-rules.ts'
import { lintCopy, lintTransform } from './lint-transform.ts'
import type { MapCall, MapGroup, MapRule, MapSource, MapTarget, MapText } from './map-syntax.ts'
import { type RecordSchema, recordElement } from './record-schema.ts'
import { isKnownType, targetElement } from './target-type.ts'

export interface LintOptions {
  /** Schema of the record that the map reads: with it, misspelt elements and lists in single places are found. */
  readonly recordSchema?: RecordSchema
  /** URLs of the concept maps at hand; absent, any URL passes. */
  readonly conceptMaps?: ReadonlySet<string>
}

/** An element that a concept map fills, and the record element that its code comes from. */
export interface Translation {
  readonly target: string
  readonly source: string
}

/** Walks a map from its entry, knowing of each variable what it stands for, and notes what the engine would get wrong. */
export class GroupLinter {
  readonly translations: Translation[] = []
  readonly #map: MapText
  readonly #options: LintOptions
  readonly #findings: LintFinding[] = []
  readonly #groups: ReadonlyMap<string, MapGroup>
  readonly #used = new Set<string>()

  constructor(map: MapText, options: LintOptions) {
    this.#map = map
    this.#options = options
    this.#groups = new Map(map.groups.map((group) => [group.name, group]))
  }

  run(): LintFinding[] {
    const entry = this.#map.groups[0]
    const type = entry?.inputs[1]?.type
    if (!entry || type === undefined || !isKnownType(type)) return []
    const schema = this.#options.recordSchema
    const source: Binding = { kind: 'source', place: schema && { schema, root: schema }, path: '' }
    this.#group(entry, [source, targetBinding(type, type, { depth: 0 })], { depth: 0, callers: [] })
    for (const { name, line } of this.#map.groups) {
      if (!this.#used.has(name)) this.#report(line, 'group-unused', `group \`${name}\``)
    }
    return this.#findings
  }

  #group(group: MapGroup, inputs: readonly Binding[], at: Place): void {
    this.#used.add(group.name)
    const scope = new Map<string, Binding>()
    group.inputs.forEach(({ name }, index) => {
      const binding = inputs[index]
      if (binding) this.#bind(scope, name, binding, group.line)
    })
    for (const rule of group.rules) this.#rule(rule, scope, { ...at, callers: [...at.callers, group.name] })
  }

  #rule(rule: MapRule, outer: Scope, at: Place): void {
    const scope = new Map(outer)
    let depth = at.depth
    rule.sources.forEach((source, index) => {
      if (this.#source(source, index, scope)) depth++
    })
    const last = rule.sources.at(-1)
    const isShorthand = rule.targets.length === 1 && rule.rules.length === 0 && rule.calls.length === 0
    for (const target of rule.targets)
      this.#target(target, scope, { depth, shorthandFor: isShorthand ? last : undefined })
    for (const inner of rule.rules) this.#rule(inner, scope, { ...at, depth })
    if (rule.calls.length > 1) this.#report(rule.line, 'call-not-single', `${rule.calls.length} calls`)
    for (const call of rule.calls) this.#call(call, scope, { ...at, depth })
  }

  /** Returns whether the rule runs once for each item of a list. */
  #source(source: MapSource, index: number, scope: Map<string, Binding>): boolean {
    const [name = '', element, ...deeper] = source.path
    const found = `\`${source.path.join('.')}\``
    const report = (rule: LintRule): void => this.#report(source.line, rule, found)
    if (deeper.length > 0) report('source-path-too-deep')
    if (source.hasCheck) report('check-in-map')
    if (source.listMode === 'only_one') report('only-one-in-map')
    const context = scope.get(name)
    if (!context) report('variable-unbound')
    else if (context.kind === 'target') report('source-not-a-source')
    const place = context?.kind === 'source' ? context.place : undefined
    const read = place && element !== undefined ? recordElement(place, element) : undefined
    if (place && element !== undefined && !read) report('source-element-unknown')
    const isList = read?.isList === true && source.listMode === undefined
    if (source.where) {
      if (element === undefined) report('where-without-element')
      else if (index === 0) report('where-on-only-source')
      else if (!source.where.equals || source.where.equals.variable !== source.variable)
        report('where-not-equality')
      else if (isList) report('where-on-list')
    }
    if (source.variable !== undefined && context?.kind === 'source') {
      const path = element === undefined ? context.path : joined(context.path, element)
      this.#bind(
        scope,
        source.variable,
        { kind: 'source', place: element === undefined ? place : read, path },
        source.line,
      )
    }
    return isList
  }

  #target(target: MapTarget, scope: Map<string, Binding>, { depth, shorthandFor }: TargetPlace): void {
    const [name = '', element, ...deeper] = target.path
    const report = (rule: LintRule, found = `\`${target.path.join('.')}\``): void =>
      this.#report(target.line, rule, found)
    const context = scope.get(name)
    if (deeper.length > 0) return report('target-path-too-deep')
    if (element === undefined) return report('target-without-element')
    if (!context) return report('variable-unbound')
    if (context.kind === 'source') return report('target-not-a-target')
    if (context.type === undefined || context.type === 'Resource') return report('target-type-unknown')
    const known = targetElement(context.type, element)
    if (!known) return report('target-element-unknown')
    if (known.isList && context.isChoice) report('target-type-unknown')
    if (context.type === 'Meta' && element === 'security') report('map-labels')

    const conceptMaps = this.#options.conceptMaps
    const reading = target.transform && lintTransform(target.transform, { scope, conceptMaps, report })
    const path = joined(context.path, element)
    if (reading?.translates) this.translations.push({ target: path, source: reading.translates.path })
    const copies = target.transform === undefined && shorthandFor
    if (copies && shorthandFor.variable !== undefined)
      lintCopy(shorthandFor.variable, { scope, conceptMaps, report })
    if (!known.isList && (copies || target.transform)) {
      const isLiteral = target.transform?.kind === 'literal'
      if (context.set.has(element)) report('target-set-twice')
      if (depth > context.depth && !isLiteral) report('list-into-single')
      context.set.add(element)
    }
    if (target.variable === undefined) return undefined
    const made = reading?.creates ?? (target.transform ? undefined : known.type)
    const binding = known.isList
      ? targetBinding(made, path, { depth })
      : part(context, element, () =>
          targetBinding(made, path, { depth: context.depth, isChoice: known.isChoice }),
        )
    return this.#bind(scope, target.variable, binding, target.line)
  }

  #call(call: MapCall, scope: Scope, at: Place): void {
    const found = `\`${call.name}\``
    const group = this.#groups.get(call.name)
    const args = call.args.map((name) => scope.get(name))
    const unbound = call.args.find((name) => !scope.has(name))
    if (unbound !== undefined) return this.#report(call.line, 'variable-unbound', `\`${unbound}\``)
    const fits =
      group?.inputs.length === args.length &&
      group.inputs.every(({ mode }, index) => mode === args[index]?.kind)
    if (!group || !fits) return this.#report(call.line, 'call-unknown', found)
    if (at.callers.includes(group.name)) return this.#report(call.line, 'group-recursive', found)
    return this.#group(
      group,
      args.filter((arg) => arg !== undefined),
      at,
    )
  }

  #bind(scope: Map<string, Binding>, name: string, binding: Binding, line: number): void {
    if (scope.has(name) || this.#groups.has(name) || name === '_')
      this.#report(line, 'variable-rebound', `\`${name}\``)
    scope.set(name, binding)
  }

  #report(line: number, rule: LintRule, found: string): void {
    this.#findings.push(finding(line, rule, found))
  }
}

interface Place {
  readonly depth: number
  readonly callers: readonly string[]
}

interface TargetPlace {
  readonly depth: number
  /** The last source of a rule that has this target alone: without a transform its value is copied. */
  readonly shorthandFor: MapSource | undefined
}

function part(context: TargetBinding, element: string, make: () => TargetBinding): TargetBinding {
  const binding = context.parts.get(element) ?? make()
  context.parts.set(element, binding)
  return binding
}
