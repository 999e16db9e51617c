import { parseMappingLanguage } from '@medplum/core'
import type { StructureMap, StructureMapGroupRule } from '@medplum/fhirtypes'
import { type LintFinding, finding } from './lint-rules.ts'
import type { MapRule, MapText } from './map-syntax.ts'

/**
 * The lint reads the text and the engine reads the text: this holds the two readings against each other, so that a map
 * which passes the lint is the map that runs.
 */
export function compareWithEngine(text: string, map: MapText): LintFinding[] {
  let parsed: StructureMap
  try {
    parsed = parseMappingLanguage(text)
  } catch (error) {
    return [finding(1, 'engine-cannot-parse', error instanceof Error ? error.message : 'unknown error')]
  }
  return map.groups.flatMap((group, at) => {
    const ours = group.rules.map(outline)
    const theirs = (parsed.group[at]?.rule ?? []).map(engineOutline)
    const differs = ours.findIndex((rule, index) => rule !== theirs[index])
    return differs === -1 && ours.length === theirs.length && parsed.group[at]?.name === group.name
      ? []
      : [
          finding(
            group.rules[differs]?.line ?? group.line,
            'engine-reads-otherwise',
            `group \`${group.name}\``,
          ),
        ]
  })
}

/** Two steps of a path at most, as the engine keeps them: deeper paths are a finding of their own. */
function outline(rule: MapRule): string {
  const sources = rule.sources.map(({ path, listMode, variable, where }) =>
    [path[0], path[1], listMode, variable, where !== undefined].join(' '),
  )
  const targets = rule.targets.map(({ path, transform, variable }) => {
    const name =
      transform?.kind === 'call' ? transform.name : transform?.kind === 'fhirpath' ? 'evaluate' : 'copy'
    return [path[0], path[1], transform && name, variable].join(' ')
  })
  const calls = rule.calls.map(({ name, args }) => `${name}(${args.join(' ')})`)
  return `${sources.join()} -> ${targets.join()} then ${calls.join()} { ${rule.rules.map(outline).join('; ')} }`
}

function engineOutline(rule: StructureMapGroupRule): string {
  const sources = rule.source.map(({ context, element, listMode, variable, condition }) =>
    [context, element, listMode, variable, condition !== undefined].join(' '),
  )
  const targets = (rule.target ?? []).map(({ context, element, transform, variable }) =>
    [context, element, transform, variable].join(' '),
  )
  const calls = (rule.dependent ?? []).map(({ name, variable }) => `${name}(${variable.join(' ')})`)
  return `${sources.join()} -> ${targets.join()} then ${calls.join()} { ${(rule.rule ?? []).map(engineOutline).join('; ')} }`
}
