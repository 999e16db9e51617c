import { isResourceType } from '@medplum/core'
import { type Scope, type SourceBinding, isObject } from './binding.ts'
import type { LintRule } from './lint-rules.ts'
import type { Argument, Transform } from './map-syntax.ts'

export interface TransformContext {
  readonly scope: Scope
  readonly conceptMaps: ReadonlySet<string> | undefined
  readonly report: (rule: LintRule, found: string) => void
}

export interface TransformReading {
  /** The record element whose code is translated. */
  readonly translates?: SourceBinding
  /** The resource that `create` makes. */
  readonly creates?: string
}

/** What the engine does rightly with a target's value: https://hl7.org/fhir/R4/mapping-language.html#7.7.0.8 */
export function lintTransform(transform: Transform, context: TransformContext): TransformReading {
  if (transform.kind === 'call') return lintCall(transform.name, transform.args, context)
  if (transform.kind === 'fhirpath') context.report('fhirpath-in-map', 'an expression')
  if (transform.kind === 'copy') lintCopy(transform.variable, context)
  return {}
}

export function lintCopy(variable: string, { scope, report }: TransformContext): SourceBinding | undefined {
  const binding = scope.get(variable)
  if (!binding) report('variable-unbound', `\`${variable}\``)
  else if (binding.kind === 'target') report('source-not-a-source', `\`${variable}\``)
  else if (isObject(binding)) report('copies-object', `\`${variable}\``)
  return binding?.kind === 'source' ? binding : undefined
}

function lintCall(name: string, args: readonly Argument[], context: TransformContext): TransformReading {
  const { report } = context
  const sources = args.map((arg) => (arg.kind === 'variable' ? lintCopy(arg.name, context) : undefined))
  const found = `\`${name}\` with ${args.length} arguments`
  switch (name) {
    case 'append':
      if (args.length !== 2) report('append-arity', found)
      return {}
    case 'cc':
      if (args.length !== 1 && args.length !== 2) report('cc-arity', found)
      return {}
    case 'cast':
      if (args.length !== 2 || literal(args[1]) !== 'string') report('cast-type', found)
      return {}
    case 'create':
      return lintCreate(args, context)
    case 'translate':
      return lintTranslate(args, sources[0], context)
    case 'truncate':
      report('truncate-in-map', found)
      return {}
    case 'uuid':
      report('uuid-in-map', found)
      return {}
    case 'evaluate':
      report('fhirpath-in-map', found)
      return {}
    default:
      report('transform-unknown', found)
      return {}
  }
}

function lintCreate(args: readonly Argument[], { report }: TransformContext): TransformReading {
  const type = literal(args[0])
  if (type === undefined) report('create-untyped', '`create()`')
  else if (!isResourceType(type)) report('create-data-type', `\`create('${type}')\``)
  else return { creates: type }
  return {}
}

function lintTranslate(
  args: readonly Argument[],
  source: SourceBinding | undefined,
  { conceptMaps, report }: TransformContext,
): TransformReading {
  const url = literal(args[1])
  if (args.length !== 3 || literal(args[2]) !== 'code') report('translate-not-code', '`translate`')
  // The engine takes `*` for a pattern and `#` for a concept map inside the map.
  if (url === undefined || /[*#]/.test(url) || conceptMaps?.has(url) === false) {
    report('translate-map-unknown', `\`${url ?? 'no URL'}\``)
  }
  return source ? { translates: source } : {}
}

function literal(arg: Argument | undefined): string | undefined {
  return arg?.kind === 'literal' ? arg.value : undefined
}
