import { GroupLinter, type LintOptions, type Translation } from './lint-group.ts'
import { compareWithEngine } from './compare-with-engine.ts'
import { type LintFinding, finding } from './lint-rules.ts'
import type { MapText } from './map-syntax.ts'
import { MapSyntaxError } from './map-cursor.ts'
import { readMap } from './read-map.ts'
import { isKnownType } from './target-type.ts'

/**
 * Everything in a map that the engine would get wrong, or that does not belong in a map: [] means that the engine does
 * what the text says. The R4 definitions must have been indexed, as for the engine itself.
 */
export function lintMap(text: string, options: LintOptions = {}): LintFinding[] {
  return [...analyseMap(text, options).findings]
}

export interface MapAnalysis {
  readonly findings: readonly LintFinding[]
  readonly translations: readonly Translation[]
}

/** The lint, and what else the compiler learns from reading the map. */
export function analyseMap(text: string, options: LintOptions): MapAnalysis {
  let map: MapText
  try {
    map = readMap(text)
  } catch (error) {
    if (!(error instanceof MapSyntaxError)) throw error
    return { findings: [finding(error.line, 'syntax', error.message)], translations: [] }
  }
  const linter = new GroupLinter(map, options)
  const findings = [...lintIgnored(map), ...lintEntry(map), ...linter.run(), ...compareWithEngine(text, map)]
  return { findings: distinct(findings).sort((a, b) => a.line - b.line), translations: linter.translations }
}

function lintIgnored(map: MapText): LintFinding[] {
  return map.ignored.map(({ clause, line }) =>
    finding(line, clause === 'conceptmap' ? 'concept-map-inside' : 'clause-ignored', `\`${clause}\``),
  )
}

function lintEntry(map: MapText): LintFinding[] {
  const entry = map.groups[0]
  if (!entry) return [finding(1, 'syntax', 'no group')]
  if (entry.inputs.map((input) => input.mode).join() !== 'source,target') {
    return [finding(entry.line, 'entry-inputs', `group \`${entry.name}\``)]
  }
  const type = entry.inputs[1]?.type
  const isDeclared = map.uses.some(
    (use) => use.mode === 'target' && use.url === `http://hl7.org/fhir/StructureDefinition/${type}`,
  )
  return type !== undefined && isDeclared && isKnownType(type)
    ? []
    : [finding(entry.line, 'target-type-unknown', `target of type \`${type ?? 'none'}\``)]
}

/** A group called from two places is read twice; what is wrong with it is said once. */
function distinct(findings: readonly LintFinding[]): LintFinding[] {
  return [...new Map(findings.map((each) => [`${each.line} ${each.rule} ${each.message}`, each])).values()]
}
