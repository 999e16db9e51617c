/**
 * Who may import whom: the table of ARCHITECTURE.md as data, and the dependency-cruiser rules made from it.
 * `test/architecture.test.ts` holds the code, this table and the document to each other.
 */
import { builtinModules } from 'node:module'
import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser'

export interface Layer {
  /** PURE: no clock, randomness, environment, network, disk or database. */
  readonly kind: 'PURE' | 'EDGE'
  readonly what: string
  readonly folders: readonly string[]
  /** npm names, `@scope/*`, `node:crypto`, or `node:*` for all that Node brings. */
  readonly packages: readonly string[]
}

// prettier-ignore
export const layers: Readonly<Record<string, Layer>> = {
  fhir:     { kind: 'PURE', what: 'FHIR vocabulary: outcomes, identifiers, search, validation', folders: [], packages: ['@medplum/core', '@medplum/fhirtypes', '@navikt/fnrvalidator', 'jsonc-parser'] },
  label:    { kind: 'PURE', what: 'security labels from codes, units and record types', folders: [], packages: ['@medplum/fhirtypes'] },
  law:      { kind: 'PURE', what: 'what national law asks of a disclosure, from the rules of `mappings/law`', folders: [], packages: ['ajv'] },
  mapping:  { kind: 'PURE', what: 'lint and run `mappings/**/*.map`', folders: ['fhir'], packages: ['@medplum/core', '@medplum/fhirtypes'] },
  consent:  { kind: 'PURE', what: 'decide and explain: may this recipient have this, for this purpose, now', folders: ['label', 'law'], packages: ['@medplum/fhirtypes'] },
  redact:   { kind: 'PURE', what: 'take out what is withheld, repair, relabel, release', folders: ['fhir', 'label', 'consent'], packages: ['@medplum/fhirtypes'] },
  capture:  { kind: 'PURE', what: 'refuse a consent that could mislead', folders: ['fhir', 'label', 'law', 'consent'], packages: ['@medplum/fhirtypes'] },
  audit:    { kind: 'PURE', what: 'what happened, as an audit entry and as a FHIR AuditEvent', folders: [], packages: ['@medplum/fhirtypes', 'canonicalize', 'node:crypto'] },
  assets:   { kind: 'EDGE', what: 'reads `profiles/` and `mappings/` once, at start', folders: ['fhir', 'label', 'law', 'mapping'], packages: ['@medplum/fhirtypes', 'node:*'] },
  config:   { kind: 'EDGE', what: 'environment to frozen Config; the keys file', folders: [], packages: ['env-schema', 'node:*'] },
  store:    { kind: 'EDGE', what: 'all SQL', folders: ['fhir', 'label', 'audit', 'auth'], packages: ['pg', '@medplum/fhirtypes', 'node:*'] },
  queue:    { kind: 'EDGE', what: 'BullMQ: wake-ups with ids only', folders: [], packages: ['bullmq', 'ioredis', 'pg'] },
  auth:     { kind: 'EDGE', what: 'tokens, scopes, client assertions', folders: ['fhir'], packages: ['jose', 'lru-cache', 'ipaddr.js', 'node:crypto'] },
  egress:   { kind: 'EDGE', what: 'the one place that opens a connection to a recipient', folders: [], packages: ['undici', 'ipaddr.js', 'node:*'] },
  intake:   { kind: 'EDGE', what: 'validate, label and commit what was parsed or received', folders: ['fhir', 'label', 'law', 'mapping', 'capture', 'audit', 'store'], packages: ['@medplum/fhirtypes', 'node:crypto'] },
  adapters: { kind: 'EDGE', what: 'a sector\'s bytes to SourceRecords, and its receipt back', folders: ['fhir', 'mapping', 'intake'], packages: ['@medplum/core', 'ajv'] },
  exchange: { kind: 'EDGE', what: 'one FHIR interaction a file; `disclose.ts` is the one door', folders: ['fhir', 'label', 'law', 'consent', 'redact', 'capture', 'audit', 'store', 'queue', 'auth', 'egress', 'intake'], packages: ['express', '@medplum/fhirtypes', 'node:crypto'] },
  http:     { kind: 'EDGE', what: 'the listening socket, limits and rates, errors as answers, the OpenAPI description', folders: ['fhir', 'audit', 'auth', 'store', 'exchange'], packages: ['@medplum/fhirtypes', 'express', 'express-rate-limit', 'rate-limiter-flexible', 'node:*'] },
  observe:  { kind: 'EDGE', what: 'logs, metrics, traces', folders: ['fhir'], packages: ['pino', 'prom-client', 'bullmq-otel', '@opentelemetry/*', 'node:*'] },
  embedded: { kind: 'EDGE', what: 'the embedded PostgreSQL\'s supervisor', folders: [], packages: ['node:*'] },
  sandbox:  { kind: 'EDGE', what: 'the sandbox organisations, their samples and the story', folders: ['fhir', 'auth', 'store'], packages: ['@medplum/fhirtypes', 'jose', 'node:*'] },
  commands: { kind: 'EDGE', what: 'what `npm run -s sluse -- …` does beside the gateway', folders: ['fhir', 'label', 'law', 'mapping', 'consent', 'redact', 'assets', 'config', 'store', 'queue', 'intake', 'adapters', 'sandbox', 'embedded', 'auth'], packages: ['@medplum/fhirtypes', 'ajv', 'commander', 'node:*'] },
}

/** `src/*.ts`, where everything is put together. It may not reach past the folders that do the work: no `consent`, no `audit`. */
export const composition = {
  folders: [
    'fhir',
    'mapping',
    'assets',
    'config',
    'store',
    'queue',
    'auth',
    'egress',
    'intake',
    'adapters',
    'exchange',
    'http',
    'observe',
    'embedded',
    'sandbox',
    'commands',
  ],
  packages: ['express', 'helmet', 'commander', 'node:*'],
} as const satisfies Pick<Layer, 'folders' | 'packages'>

/** Doors narrower than a folder: only these files may import that one. */
const doors: readonly { readonly name: string; readonly file: string; readonly openTo: readonly string[] }[] =
  [
    // A decision is made where its audit row is written, and in the dry run, which has neither data nor anybody to send to.
    {
      name: 'one-door-decide',
      file: 'consent/decide.ts',
      openTo: [
        'exchange/decide-stored.ts',
        'exchange/decide-inputs.ts',
        'exchange/decide-held.ts',
        'commands/decide-case.ts',
      ],
    },
    {
      name: 'one-door-release',
      file: 'redact/disclosure.ts',
      openTo: [
        'exchange/disclose.ts',
        'exchange/disclose-patient.ts',
        'commands/decide-case/release-case.ts',
      ],
    },
    { name: 'one-door-redact', file: 'redact/redact.ts', openTo: ['redact/disclosure.ts'] },
    // Whoever can read stored content is a way out of the gateway: these hand it to disclose.ts, or lock it before a write.
    {
      name: 'stored-content',
      file: 'store/resources.ts',
      openTo: [
        'exchange/disclose.ts',
        'exchange/decide-stored.ts',
        'exchange/names-withheld.ts',
        'exchange/vread.ts',
        'exchange/history.ts',
        'exchange/include.ts',
        'exchange/everything.ts',
        'exchange/provenance.ts',
        'store/versions.ts',
        'store/search-resources.ts',
        'exchange/authorise-events.ts',
        'exchange/kept-answer.ts',
        'exchange/written.ts',
        'exchange/read.ts',
        'exchange/search.ts',
        'intake/accept-update.ts',
        'intake/accept-patch.ts',
        'intake/accept-delete.ts',
        'intake/capture-consents.ts',
        'intake/next-version.ts',
        'intake/may-write.ts',
        'exchange/recall.ts',
        'exchange/withdraw.ts',
      ],
    },
    {
      name: 'stored-lists',
      file: 'store/search-resources.ts',
      openTo: [
        'exchange/search.ts',
        'exchange/search-result.ts',
        'exchange/include.ts',
        'exchange/everything.ts',
      ],
    },
    {
      name: 'stored-versions',
      file: 'store/versions.ts',
      openTo: [
        'exchange/vread.ts',
        'exchange/history.ts',
        'exchange/provenance.ts',
        'exchange/tell-deleted.ts',
      ],
    },
    // Demographics leave by disclose-patient.ts, to their own organisation.
    {
      name: 'stored-demographics',
      file: 'store/patients.ts',
      openTo: [
        'exchange/disclose-patient.ts',
        'exchange/patient-history.ts',
        'exchange/patient-patch.ts',
        'exchange/patient-write.ts',
      ],
    },
    {
      name: 'stored-content-for-labels',
      file: 'store/labels.ts',
      openTo: [
        'exchange/labels-in-force.ts',
        'exchange/decide-inputs.ts',
        'intake/content-labels.ts',
        'intake/relabel.ts',
      ],
    },
    // The past, to answer `$decide`, which shows no content.
    { name: 'stored-past', file: 'store/citizen-at.ts', openTo: ['exchange/decide-inputs.ts'] },
    {
      name: 'one-way-out',
      file: 'egress/post.ts',
      openTo: ['exchange/post-notification.ts', 'exchange/notifier.ts', 'start-worker.ts'],
    },
    // Asks and sends nothing: keys that a client or an issuer publishes.
    { name: 'one-way-to-keys', file: 'egress/get-json.ts', openTo: ['start.ts', 'start-app.ts'] },
  ]

/** swc: dependency-cruiser sees nothing of TypeScript 7 without it, and says that all is well. */
export function cruiseOptions(baseDir: string): ICruiseOptions {
  return {
    baseDir,
    parser: 'swc',
    // Type-only imports count: a type is a dependency on a meaning.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    validate: true,
    ruleSet: {
      forbidden: [
        ...Object.entries(layers).map(folderRule),
        compositionRule(),
        ...doors.map(doorRule),
        noCircular,
      ],
    },
  }
}

const noCircular: IForbiddenRuleType = {
  name: 'no-circular',
  severity: 'error',
  from: { path: '^src/' },
  to: { circular: true },
}

function folderRule([folder, { folders, packages }]: readonly [string, Layer]): IForbiddenRuleType {
  return {
    name: `folder-${folder}`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { pathNot: [folder, ...folders].map(pathOfFolder).concat(packages.map(pathOfPackage)) },
  }
}

function compositionRule(): IForbiddenRuleType {
  const { folders, packages } = composition
  return {
    name: 'composition',
    severity: 'error',
    from: { path: '^src/[^/]+$' },
    to: { pathNot: ['^src/[^/]+$', ...folders.map(pathOfFolder), ...packages.map(pathOfPackage)] },
  }
}

/** Whatever stands beside the door in its own folder has `openTo` to name it too: no side entrance through a re-export. */
function doorRule({ name, file, openTo }: (typeof doors)[number]): IForbiddenRuleType {
  return {
    name,
    severity: 'error',
    from: { path: '^src/', pathNot: openTo.map(pathOfFile) },
    to: { path: pathOfFile(file) },
  }
}

function pathOfFolder(folder: string): string {
  return `^src/${folder}/`
}

function pathOfFile(file: string): string {
  return `^src/${escape(file)}$`
}

/** As dependency-cruiser names what it resolved: a path below node_modules, a core module with or without `node:`, or the bare name. */
function pathOfPackage(name: string): string {
  if (name === 'node:*') return `^(node:.+|${builtinModules.map(escape).join('|')})$`
  if (name.startsWith('node:')) return `^(node:)?${escape(name.slice('node:'.length))}$`
  if (name.endsWith('/*')) return `^(node_modules/)?${escape(name.slice(0, -1))}`
  return `^(node_modules/)?(@types/)?${escape(name)}(/|$)`
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}

/** The table as it stands in ARCHITECTURE.md. */
export function renderImportTable(): string {
  const rows = Object.entries(layers).map(([folder, { kind, what, folders, packages }]) =>
    row(folder, kind, what, folders, packages),
  )
  const root = row(
    '`src/*.ts`',
    'EDGE',
    'puts everything together',
    composition.folders,
    composition.packages,
  )
  const head =
    '| Folder | Kind | What it is | Folders it may import | Packages it may import |\n|---|---|---|---|---|'
  return [head, ...rows, root].join('\n')
}

function row(
  folder: string,
  kind: string,
  what: string,
  folders: readonly string[],
  packages: readonly string[],
): string {
  return `| ${folder} | ${kind} | ${what} | ${folders.join(', ') || '–'} | ${packages.join(', ') || '–'} |`
}
