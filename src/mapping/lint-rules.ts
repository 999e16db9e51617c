/**
 * What a map must not contain, because the engine (@medplum/core's structureMapTransform) accepts it and does
 * something else, silently, or because it does not belong in a map. Each line says what would happen and what to
 * write instead; `docs/adr/0004-mapping-files-with-guard-rails.md` has the reasons.
 */
export const lintRules = {
  syntax: 'not the Mapping Language as this project uses it',
  'engine-cannot-parse': 'the engine refuses this map',
  'engine-reads-otherwise': 'the engine does not read what the text says: write the rule more plainly',

  'source-path-too-deep':
    'the engine would take the whole of the first element: step down with `src.a as a, a.b as b`',
  'target-path-too-deep':
    'the engine would overwrite the first element: step down with `tgt.a as a, a.b = v`',
  'where-on-only-source':
    'the condition would pass or drop the whole list by its first item: use `src.a as a, a.b as b where b = …`',
  'where-without-element': 'the condition would be ignored: name the element that it tests',
  'where-not-equality':
    'a condition has the form `v = literal`, with the variable of its own source; parsing belongs in the adapter',
  'where-on-list': 'the condition would test the first item only: test a single element',
  'check-in-map':
    'a check looks at the first item of a list only, and ends in an error that names no field: check in the adapter',
  'only-one-in-map': 'more than one item would end in an error that names no field: check in the adapter',

  'variable-unbound':
    'the variable is not bound here; the engine may still hold it, with the last value of another rule',
  'variable-rebound':
    'the name is in use here, and the engine has one set of names for a group: choose another',
  'source-not-a-source': 'only what came from the record can stand on the left of a rule',
  'target-not-a-target': 'only what is being made can stand on the right of a rule',

  'translate-not-code':
    "the engine returns the code whatever is asked for: translate to `'code'`, and set the system beside it",
  'translate-map-unknown': 'no concept map has this URL: add it beside the map',
  'target-type-unknown':
    'the engine would not know what is a list, and the last item would win: name an R4 type, declared by `uses … as target`',
  'create-data-type':
    'the engine would write a `resourceType` into a data type: leave the transform out, the type is known',
  'create-untyped': 'the engine would lose the type, and with it what is a list: leave the transform out',
  'target-without-element':
    'the engine would write a key named `undefined`: name the element, or use `src as s then g(s, tgt)`',
  'append-arity': 'the engine joins two parts and drops the rest: give exactly two',
  'cc-arity': 'with three arguments the engine writes the system as text: give one text, or system and code',
  'cast-type':
    "the engine casts to `'string'` only and leaves other values as they are: parse in the adapter",
  'truncate-in-map': 'the engine leaves all but strings as they are: shorten in the adapter',
  'uuid-in-map': 'a map that makes ids gives another answer each time: ids are set at intake',
  'fhirpath-in-map':
    'the engine would take the first of a list, and some functions give nothing: compute in the adapter',
  'transform-unknown': 'the engine has no such transform',
  'clause-ignored': 'the engine ignores this clause: leave it out',
  'concept-map-inside':
    'the engine would add it to its collection again on every run: put it into a file of its own',

  'source-element-unknown': 'the record has no such element, so the rule would never apply',
  'target-element-unknown': 'the FHIR type has no such element, so the result would be refused',
  'target-set-twice': 'the element holds one value, and the last rule would win: set it once',
  'list-into-single':
    'the element holds one value, and the last item would win: choose an item in the adapter',
  'copies-object': 'the object would be shared with the record, with whatever it holds: name what goes where',

  'call-not-single': 'a rule calls one group, or has rules of its own',
  'call-unknown': 'no group of this map has this name and these inputs',
  'group-unused': 'no rule calls this group',
  'group-recursive': 'the group calls itself',
  'entry-inputs': 'the first group takes one source and one target',
  'map-labels': 'a map does not decide who may see what: labels are set after it',
} as const

export type LintRule = keyof typeof lintRules

export interface LintFinding {
  readonly line: number
  readonly rule: LintRule
  /** What was found, and then the rule's own sentence. */
  readonly message: string
}

export function finding(line: number, rule: LintRule, found: string): LintFinding {
  return { line, rule, message: `${found}: ${lintRules[rule]}` }
}
