/**
 * What the import table cannot say, searched for in the text of `src`: a pure folder has no hidden input, and few files
 * may read the environment, write an answer, or open a Disclosure. Text can be fooled; the types are the first wall.
 */
import { layers } from './import-rules.ts'

interface SourceRule {
  readonly name: string
  readonly pattern: RegExp
  /** Paths below `src/`. */
  readonly appliesTo: (file: string) => boolean
}

function isPure(file: string): boolean {
  return layers[file.split('/')[0] ?? '']?.kind === 'PURE'
}

function except(...files: readonly string[]): (file: string) => boolean {
  return (file) => !files.includes(file)
}

const rules: readonly SourceRule[] = [
  {
    name: 'pure-clock',
    pattern: /\bnew Date\(\s*\)|(?<!new )\bDate\(|\bDate\.now\b|\bperformance\b/,
    appliesTo: isPure,
  },
  // A Date's own fields and texts are in the zone of the machine; getUTC… and Intl with a zone are not.
  {
    name: 'pure-time-zone',
    pattern:
      /\.(get|set)(FullYear|Month|Date|Day|Hours|Minutes|Seconds|TimezoneOffset)\(|\.toLocale(Date|Time)?String\(|\bnew Date\([^()]*,/,
    appliesTo: isPure,
  },
  {
    name: 'pure-randomness',
    pattern: /\bMath\.random\b|\brandom(UUID|Bytes|Int)\b|\bgetRandomValues\b/,
    appliesTo: isPure,
  },
  {
    name: 'pure-process',
    pattern: /\bprocess\b\s*[.[]|\bglobalThis\b|\bBuffer\b|\bconsole\b/,
    appliesTo: isPure,
  },
  {
    name: 'pure-timers',
    pattern: /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
    appliesTo: isPure,
  },
  { name: 'pure-io', pattern: /\bfetch\(|\bimport\(|\brequire\(/, appliesTo: isPure },
  {
    name: 'environment',
    pattern: /\bprocess\.env\b|\benv\b.*from 'node:process'/,
    // The PATH of PostgreSQL's programs; defaults for OpenTelemetry's SDK, which reads the environment itself.
    appliesTo: except('config/config.ts', 'embedded/run-program.ts', 'observe/tracing.ts'),
  },
  {
    name: 'answer-writer',
    pattern: /\bresponse\b[^;\n]*\.(json|send|end|write|sendFile|jsonp|render)\((?!\))/,
    // respond.ts takes an Answer; the others write errors, tokens, receipts and documents. The receiver plays a recipient.
    appliesTo: except(
      'exchange/respond.ts',
      'http/docs-page.ts',
      'http/errors.ts',
      'http/listen.ts',
      'app.ts',
      'sandbox/receiver.ts',
      'sandbox/backend-client.ts',
    ),
  },
  {
    name: 'disclosure-opened',
    pattern:
      /\bdisclosures?\b[^;\n]*\.resource\b|\bdisclosures?\b[^;\n]*\{ resource\b|\{ resource\b[^;\n]*\bdisclosures?\b/i,
    appliesTo: except(
      'exchange/respond.ts',
      'exchange/notification-bundle.ts',
      'exchange/disclose.ts',
      // Along which references a reader may be given more.
      'exchange/include.ts',
      'redact/disclosure.ts',
    ),
  },
  // A cast would make what must be earned: a released resource, and a transaction that was begun.
  {
    name: 'forged-disclosure',
    pattern: /\bas (unknown as )?(Disclosure|Judged|Answer)\b/,
    appliesTo: except('redact/disclosure.ts'),
  },
  {
    name: 'forged-transaction',
    pattern: /\bas (unknown as )?Transaction\b/,
    appliesTo: except('store/database.ts'),
  },
  { name: 'forged-requester', pattern: /\bas (unknown as )?(Requester|Call)\b/, appliesTo: () => true },
]

export const sourceRuleNames: readonly string[] = rules.map(({ name }) => name)

/** `rule file: the line`, for every line that breaks a rule. */
export function sourceFaults(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([file, text]) =>
    rules
      .filter(({ appliesTo }) => appliesTo(file))
      .flatMap(({ name, pattern }) =>
        withoutComments(text)
          .split('\n')
          .filter((line) => pattern.test(line))
          .map((line) => `${name} ${file}: ${line.trim()}`),
      ),
  )
}

/** Comments may speak of clocks. `//` counts when it begins a word, so that addresses stay. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}
