import type { LintRule } from '#mapping/lint-rules.ts'
import type { RecordSchema } from '#mapping/record-schema.ts'

/** The record that all cases read. */
export const recordSchema: RecordSchema = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    status: { type: 'string' },
    codes: { type: 'array', items: { type: 'string' } },
    count: { type: 'integer' },
    period: { $ref: '#/$defs/period' },
    efforts: {
      type: 'array',
      items: {
        type: 'object',
        properties: { kind: { type: 'string' }, text: { type: 'string' }, secret: { type: 'string' } },
      },
    },
  },
  $defs: { period: { type: 'object', properties: { start: { type: 'string' }, end: { type: 'string' } } } },
}

export const record = {
  title: 'T',
  status: 'known',
  codes: ['c1', 'c2'],
  count: 12345,
  period: { start: '2026-01-01', end: '2026-02-01' },
  efforts: [
    { kind: 'public', text: 'first' },
    { kind: 'private', text: 'second', secret: 'S' },
  ],
}

/** A concept map of two groups: the engine looks into the first alone. */
export const STATUS_MAP = 'https://sluse.example/ConceptMap/status'

export interface LintCase {
  readonly title: string
  /** The rules of the entry group, from line 5 on. */
  readonly rules: string
  readonly want: readonly (readonly [line: number, rule: LintRule])[]
  /** What the engine makes of it without a word: the reason for the rule. Absent where the engine throws. */
  readonly engine?: object
}

const act = 'tgt.activity as act, act.detail as d, d.description = t'

/** The numbers are those of the engine's silent faults, in the order in which docs/adr/0004 lists them. */
export const lintCases: readonly LintCase[] = [
  {
    title: '1 a source path of three parts',
    rules: 'src.period.start as v -> tgt.title = v;',
    want: [
      [5, 'source-path-too-deep'],
      [5, 'copies-object'],
    ],
    engine: { title: { start: '2026-01-01', end: '2026-02-01' } },
  },
  {
    title: '2 a target path of three parts',
    rules: 'src.title as v -> tgt.period.start = v;',
    want: [[5, 'target-path-too-deep']],
    engine: { period: 'T' },
  },
  {
    title: '3 where on the only source: every item passes with the first',
    rules:
      "src.efforts as e where e.kind = 'public' -> tgt.note as note then { e.text as t -> note.text = t; };",
    want: [[5, 'where-on-only-source']],
    engine: { note: [{ text: 'first' }, { text: 'second' }] },
  },
  {
    title: '3 where on the only source, single',
    rules: "src.status as s where s = 'known' -> tgt.title = s;",
    want: [[5, 'where-on-only-source']],
  },
  {
    title: '4 where without an element',
    rules: "src as s where title = 'no' -> tgt.title = 'yes';",
    want: [[5, 'where-without-element']],
    engine: { title: 'yes' },
  },
  {
    title: '5 check',
    rules: "src.codes as c check c = 'c1' -> tgt.instantiatesUri = c;",
    want: [[5, 'check-in-map']],
    engine: { instantiatesUri: ['c1', 'c2'] },
  },
  {
    title: '6 a variable of an earlier rule: the text of one item in the next',
    rules: `src.efforts as e then {
      e.secret as s -> tgt.title = 'x';
      e.text as t -> tgt.note as note, note.text = s;
    };`,
    want: [[7, 'variable-unbound']],
  },
  {
    title: '6 a name bound again in an inner rule',
    rules: 'src.title as t then { src.status as t -> tgt.title = t; };',
    want: [[5, 'variable-rebound']],
    engine: { title: 'known' },
  },
  {
    title: '6 a variable with the name of a group',
    rules: 'src.title as main -> tgt.title = main;',
    want: [[5, 'variable-rebound']],
  },
  {
    title: '8 translate to something else than a code',
    rules: `src.status as s -> tgt.title = translate(s, '${STATUS_MAP}', 'Coding');`,
    want: [[5, 'translate-not-code']],
    engine: { title: 'active' },
  },
  {
    title: '8 translate by a concept map that is not there',
    rules: "src.status as s -> tgt.status = translate(s, 'https://sluse.example/ConceptMap/none', 'code');",
    want: [[5, 'translate-map-unknown']],
  },
  {
    title: '8 translate by a pattern of URLs',
    rules: "src.status as s -> tgt.status = translate(s, 'https://sluse.example/*', 'code');",
    want: [[5, 'translate-map-unknown']],
    engine: { status: 'active' },
  },
  {
    title: '11 create of a data type',
    rules: "src as s -> tgt.period = create('Period') as p then { s.title as t -> p.start = t; };",
    want: [
      [5, 'create-data-type'],
      [5, 'target-type-unknown'],
    ],
    engine: { period: { resourceType: 'Period', start: 'T' } },
  },
  {
    title: '12 create of nothing',
    rules:
      'src as s -> tgt.activity = create() as a then { s.title as t -> a.outcomeReference as r, r.display = t; };',
    want: [
      [5, 'create-untyped'],
      [5, 'target-type-unknown'],
      [5, 'variable-unbound'],
    ],
  },
  {
    title: '13 a target without an element',
    rules: 'src -> tgt then { src.title as t -> tgt.title = t; };',
    want: [[5, 'target-without-element']],
    engine: { undefined: {}, title: 'T' },
  },
  {
    title: '14 append of three',
    rules: "src.title as t -> tgt.title = append('a', t, 'c');",
    want: [[5, 'append-arity']],
    engine: { title: 'aT' },
  },
  {
    title: '15 cc of three',
    rules: "src.title as t -> tgt.category = cc('http://s', 'c', t);",
    want: [[5, 'cc-arity']],
    engine: { category: [{ text: 'http://s' }] },
  },
  {
    title: '16 cast to another type than string',
    rules: "src.count as n -> tgt.title = cast(n, 'boolean');",
    want: [[5, 'cast-type']],
    engine: { title: 12345 },
  },
  {
    title: '16 truncate',
    rules: 'src.count as n -> tgt.title = truncate(n, 2);',
    want: [[5, 'truncate-in-map']],
    engine: { title: 12345 },
  },
  {
    title: '17 default',
    rules: "src.none default 'd' as v -> tgt.title = v;",
    want: [
      [5, 'clause-ignored'],
      [5, 'source-element-unknown'],
    ],
    engine: {},
  },
  {
    title: '17 a source type',
    rules: 'src.title : integer as v -> tgt.title = v;',
    want: [[5, 'clause-ignored']],
    engine: { title: 'T' },
  },
  {
    title: '17 log',
    rules: "src.title as v log 'x' -> tgt.title = v;",
    want: [[5, 'clause-ignored']],
    engine: { title: 'T' },
  },
  {
    title: '17 share',
    rules: 'src.title as v -> tgt.title = v share x;',
    want: [[5, 'clause-ignored']],
    engine: { title: 'T' },
  },
  {
    title: '18 a misspelt source element',
    rules: 'src.titel as v -> tgt.title = v;',
    want: [[5, 'source-element-unknown']],
    engine: {},
  },
  {
    title: '19 a misspelt target element',
    rules: 'src.title as v -> tgt.titel = v;',
    want: [[5, 'target-element-unknown']],
    engine: { titel: 'T' },
  },
  {
    title: '19 a misspelt element of a part',
    rules: `src.title as t -> tgt.activity as act, act.detail as d, d.descripton = t;`,
    want: [[5, 'target-element-unknown']],
    engine: { activity: [{ detail: { descripton: 'T' } }] },
  },
  {
    title: '20 two rules on one single element',
    rules: 'src.title as t -> tgt.title = t;\n  src.status as s -> tgt.title = s;',
    want: [[6, 'target-set-twice']],
    engine: { title: 'known' },
  },
  {
    title: '20 two rules on one single element of a part',
    rules:
      'src.title as t -> tgt.period as p, p.start = t;\n  src.status as s -> tgt.period as p, p.start = s;',
    want: [[6, 'target-set-twice']],
    engine: { period: { start: 'known' } },
  },
  {
    title: '20 a list into a single element',
    rules: 'src.codes as c -> tgt.title = c;',
    want: [[5, 'list-into-single']],
    engine: { title: 'c2' },
  },
  {
    title: '20 a list into a single element, through an inner rule',
    rules: 'src.efforts as e then { e.text as t -> tgt.title = t; };',
    want: [[5, 'list-into-single']],
    engine: { title: 'second' },
  },
  {
    title: '20 a list into a single part',
    rules: 'src.efforts as e -> tgt.period as p then { e.text as t -> p.start = t; };',
    want: [[5, 'list-into-single']],
    engine: { period: { start: 'second' } },
  },
  {
    title: '21 a FHIRPath list into a single element',
    rules: 'src as s -> tgt.title = (%s.efforts.text);',
    want: [[5, 'fhirpath-in-map']],
    engine: { title: 'first' },
  },
  {
    title: '23 a copied object',
    rules: 'src.period as p -> tgt.period = p;',
    want: [[5, 'copies-object']],
    engine: { period: { start: '2026-01-01', end: '2026-02-01' } },
  },
  {
    title: '23 a copied object, in short form',
    rules: 'src.period as p -> tgt.period;',
    want: [[5, 'copies-object']],
    engine: { period: { start: '2026-01-01', end: '2026-02-01' } },
  },
  {
    title: 'a condition of another form',
    rules: `src.efforts as e, e.kind as k where k != 'x' -> tgt.note as n, n.text = k;`,
    want: [[5, 'where-not-equality']],
  },
  {
    title: 'a condition on another variable',
    rules: `src.efforts as e, e.kind as k where e = 'x' -> tgt.note as n, n.text = k;`,
    want: [[5, 'where-not-equality']],
  },
  {
    title: 'a condition on a list',
    rules: `src as s, s.codes as c where c = 'c1' -> tgt.instantiatesUri = c;`,
    want: [[5, 'where-on-list']],
    engine: { instantiatesUri: ['c1', 'c2'] },
  },
  {
    title: 'only_one',
    rules: 'src.codes only_one as c -> tgt.title = c;',
    want: [[5, 'only-one-in-map']],
  },
  { title: 'uuid', rules: 'src -> tgt.title = uuid();', want: [[5, 'uuid-in-map']] },
  {
    title: 'a transform that the engine lacks',
    rules: "src.title as t -> tgt.title = escape(t, 'x');",
    want: [[5, 'transform-unknown']],
  },
  {
    title: 'a source on the right',
    rules: 'src.title as t -> src.title = t;',
    want: [[5, 'target-not-a-target']],
  },
  {
    title: 'a target on the left',
    rules: 'tgt.title as t -> tgt.description = t;',
    want: [
      [5, 'source-not-a-source'],
      [5, 'variable-unbound'],
    ],
  },
  {
    title: 'a target copied',
    rules: 'src as s -> tgt.period as p, tgt.title = p;',
    want: [[5, 'source-not-a-source']],
  },
  {
    title: 'two groups in one rule',
    rules: 'src as s -> tgt.note as n then main(s, n), main(s, n);',
    want: [
      [1, 'engine-cannot-parse'],
      [5, 'call-not-single'],
      [5, 'group-recursive'],
    ],
  },
  {
    title: 'a group that is not there',
    rules: 'src as s -> tgt.note as n then none(s, n);',
    want: [[5, 'call-unknown']],
  },
  {
    title: 'a group with its inputs turned round',
    rules: 'src as s -> tgt.note as n then main(n, s);',
    want: [[5, 'call-unknown']],
  },
  {
    title: 'a group with too few inputs',
    rules: 'src as s -> tgt.note as n then main(s);',
    want: [[5, 'call-unknown']],
  },
  {
    title: 'a group that calls itself',
    rules: 'src as s -> tgt.note as n then main(s, n);',
    want: [[5, 'group-recursive']],
  },
  {
    title: 'a call with an unbound variable',
    rules: 'src as s -> tgt.note as n then main(s, x);',
    want: [[5, 'variable-unbound']],
  },
  {
    title: 'security labels set by a map',
    rules: 'src -> tgt.meta as m then { src.title as t -> m.security as l, l.code = t; };',
    want: [[5, 'map-labels']],
  },
  {
    title: 'a list inside a contained resource of no type',
    rules: 'src.title as t -> tgt.contained as g, g.category as c, c.text = t;',
    want: [
      [5, 'target-type-unknown'],
      [5, 'variable-unbound'],
    ],
  },
  { title: 'a cardinality', rules: 'src.title 1..1 as t -> tgt.title = t;', want: [[5, 'syntax']] },
  { title: 'a missing final semicolon', rules: 'src.title as t -> tgt.title = t', want: [[6, 'syntax']] },
  {
    title: 'no finding: each construct of the safe subset',
    rules: `// a comment
  src -> tgt.resourceType = 'CarePlan', tgt.intent = 'plan' "literals";
  src.title -> tgt.title "short form";
  src.status as s -> tgt.status = translate(s, '${STATUS_MAP}', 'code') "translate";
  src.period as p -> tgt.period as period then {
    p.start as v -> period.start = v;
    p.end as v -> period.end = v;
  };
  src.efforts as e, e.kind as k where k = 'public', e.text as t -> ${act} "filter";
  src.codes first as c -> tgt.description = append('first: ', c);
  src.codes as c -> tgt.category = cc('http://s', c);
  src.efforts as e -> tgt.contained = create('Goal') as g then {
    e.text as t -> g.category as category, category.text = t;
  };
  src.count as n -> tgt.note as note, note.text = cast(n, 'string');`,
    want: [],
    engine: {
      resourceType: 'CarePlan',
      intent: 'plan',
      title: 'T',
      status: 'active',
      period: { start: '2026-01-01', end: '2026-02-01' },
      activity: [{ detail: { description: 'first' } }],
      description: 'first: c1',
      category: [
        { coding: [{ system: 'http://s', code: 'c1' }] },
        { coding: [{ system: 'http://s', code: 'c2' }] },
      ],
      contained: [
        { resourceType: 'Goal', category: [{ text: 'first' }] },
        { resourceType: 'Goal', category: [{ text: 'second' }] },
      ],
      note: [{ text: '12345' }],
    },
  },
]

/** Cases of the map around the rules. */
export const frameCases: readonly {
  title: string
  text: string
  want: readonly (readonly [number, LintRule])[]
}[] = [
  {
    title: '10 a target without a type',
    text: head().replace('target tgt : CarePlan', 'target tgt'),
    want: [[4, 'target-type-unknown']],
  },
  {
    title: '10 a misspelt target type',
    text: head().replaceAll('CarePlan', 'CarePlane'),
    want: [[4, 'target-type-unknown']],
  },
  {
    title: '10 a target type by its alias',
    text: head().replace('CarePlan" as', 'CarePlan" alias CP as').replace(': CarePlan', ': CP'),
    want: [
      [3, 'clause-ignored'],
      [4, 'target-type-unknown'],
    ],
  },
  {
    title: '10 a target type that is not declared',
    text: head().replace('uses', '// uses'),
    want: [[4, 'target-type-unknown']],
  },
  { title: '17 extends', text: head().replace(') {', ') extends other {'), want: [[4, 'clause-ignored']] },
  {
    title: '17 an import',
    text: head().replace('uses', 'imports "https://sluse.example/x"\nuses'),
    want: [[3, 'clause-ignored']],
  },
  {
    title: '17 a group for types',
    text: head().replace(') {', ') <<types>> {'),
    want: [[4, 'clause-ignored']],
  },
  {
    title: '22 a concept map inside',
    text: head().replace('uses', 'conceptmap "x" { prefix a = "http://a" a:x == a:y }\nuses'),
    want: [[3, 'concept-map-inside']],
  },
  {
    title: 'a group that nothing calls',
    text: `${head()}\ngroup other(source s, target t) { s -> t.title = 'x'; }`,
    want: [[7, 'group-unused']],
  },
  {
    title: 'an entry with two sources',
    text: head().replace('source src,', 'source src, source more,'),
    want: [[4, 'entry-inputs']],
  },
  {
    title: 'no group',
    text: 'map "https://sluse.example/m" = "m"',
    want: [[1, 'syntax']],
  },
  { title: 'no map', text: '', want: [[1, 'syntax']] },
  { title: 'another language', text: 'select 1', want: [[1, 'syntax']] },
]

function head(): string {
  return mapOf("src -> tgt.resourceType = 'CarePlan';")
}

export function mapOf(rules: string): string {
  return `map "https://sluse.example/StructureMap/Case" = "Case"

uses "http://hl7.org/fhir/StructureDefinition/CarePlan" as target
group main(source src, target tgt : CarePlan) {
${rules}
}`
}
