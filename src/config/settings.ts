/** Every setting: name, what it is for, default. `docs/configuration.md` is made from this list. */

export interface Setting {
  readonly name: string
  readonly schema: Readonly<Record<string, unknown>>
  /** One sentence. */
  readonly purpose: string
  /** As it is written in the document; absent means that there is none. */
  readonly default?: string
  /** Never shown. */
  readonly secret?: true
}

/** Codes of `mappings/law` by which the law permits a disclosure without consent; test/law holds the two lists together. */
export const statutoryBasisCodes = [
  'SUL-41-2-1',
  'SUL-41-2-2',
  'SUL-41-2-4',
  'SUL-43-2-2',
  'PSL-13c',
  'RSL-12c',
] as const

export const settings = [
  {
    name: 'DATABASE_URL',
    schema: { type: 'string', pattern: '^postgres(ql)?://' },
    purpose:
      'PostgreSQL 15 or newer, `postgres://…`. Set, it switches the embedded database off, and the settings marked “production” must be given.',
    default: 'an embedded PostgreSQL in `SLUSE_DATA_DIR`',
    secret: true,
  },
  {
    name: 'REDIS_URL',
    schema: { type: 'string', pattern: '^rediss?://' },
    purpose:
      'Redis 7 with `maxmemory-policy noeviction` and AOF, for the wake-up queue. Nothing that cannot be rebuilt is kept there.',
    default: 'the queue runs on PostgreSQL',
    secret: true,
  },
  {
    name: 'SLUSE_ROLE',
    schema: { type: 'string', enum: ['gateway', 'worker', 'all'], default: 'all' },
    purpose: '`gateway` answers HTTP, `worker` sends notifications, `all` does both in one process.',
    default: 'all',
  },
  {
    name: 'SLUSE_HOST',
    schema: { type: 'string', minLength: 1, default: '127.0.0.1' },
    purpose: 'Address to listen on. TLS ends at the proxy before it.',
    default: '127.0.0.1',
  },
  {
    name: 'SLUSE_PORT',
    schema: { type: 'integer', minimum: 0, maximum: 65535, default: 8080 },
    purpose: 'Port of the FHIR API, health and metrics. A worker serves health and metrics only.',
    default: '8080',
  },
  {
    name: 'SLUSE_BASE_URL',
    schema: { type: 'string', pattern: '^https?://[^/?#]+$' },
    purpose:
      'How clients reach the gateway, without a path: goes into tokens, links and notifications. Production: required, `https`.',
    default: '`http://` with host and port',
  },
  {
    name: 'SLUSE_DATA_DIR',
    schema: { type: 'string', minLength: 1, default: '.sluse' },
    purpose: 'Where the embedded database, the sandbox keys and what the sandbox received are kept.',
    default: '.sluse',
  },
  {
    name: 'SLUSE_KEYS_FILE',
    schema: { type: 'string', minLength: 1 },
    purpose:
      'File with the keys that seal national ids and sign tokens, made by `npm run -s sluse -- keys`. Production: required.',
    default: '`keys.json` in `SLUSE_DATA_DIR`, made at the first start',
  },
  {
    name: 'SLUSE_SANDBOX',
    schema: { type: 'string', enum: ['on', 'off'] },
    purpose:
      'Registers three organisations with synthetic citizens and allows their `http` endpoints on loopback. Never in production.',
    default: '`on` with the embedded database, else `off`',
  },
  {
    name: 'SLUSE_SANDBOX_PORT',
    schema: { type: 'integer', minimum: 0, maximum: 65535, default: 8081 },
    purpose: 'Port of the sandbox organisations’ receiver, on loopback.',
    default: '8081',
  },
  {
    name: 'SLUSE_EGRESS_CIDRS',
    schema: { type: 'string', default: '' },
    purpose:
      'Private address ranges that notifications may be sent to, separated by commas, such as those of a health network. Public addresses are always allowed, other private ones never.',
    default: 'none',
  },
  {
    name: 'SLUSE_TRUSTED_ISSUERS',
    schema: { type: 'string', minLength: 1 },
    purpose:
      'File with the issuers whose access tokens are accepted beside ours, such as HelseID; [trusted issuers](operations/trusted-issuers.md) says what stands in it.',
    default: 'none',
  },
  {
    name: 'SLUSE_STATUTORY_BASES',
    schema: { type: 'string', default: '' },
    purpose:
      'Legal bases on which this deployment discloses without consent, separated by commas; [law](law.md) says what each demands. Counsel confirms each one first.',
    default: 'none',
  },
  {
    name: 'SLUSE_OVERRIDE_REVIEW_HOURS',
    schema: { type: 'integer', minimum: 1, maximum: 720, default: 72 },
    purpose: 'Hours until the review of a use of broken glass is due, and the patient told.',
    default: '72',
  },
  {
    name: 'SLUSE_TRUSTED_PROXIES',
    schema: { type: 'string', default: '' },
    purpose:
      'Address ranges of the proxies before the gateway, separated by commas. Only from them is `X-Forwarded-For` believed; without it every client behind a proxy has the proxy’s address.',
    default: 'none',
  },
  {
    name: 'SLUSE_RATE_ADDRESS',
    schema: { type: 'integer', minimum: 1, maximum: 1_000_000_000, default: 60_000 },
    purpose:
      'Requests per minute from one address (of IPv6, one /64), counted before the token is read, in each process.',
    default: '60000',
  },
  {
    name: 'SLUSE_RATE_TOKEN',
    schema: { type: 'integer', minimum: 1, maximum: 1_000_000_000, default: 600 },
    purpose: 'Requests per minute to the token endpoint from one address.',
    default: '600',
  },
  {
    name: 'SLUSE_RATE_TOKEN_REFUSED',
    schema: { type: 'integer', minimum: 1, maximum: 1_000_000_000, default: 60 },
    purpose: 'Refusals per minute by the token endpoint to one address, before it is asked to wait.',
    default: '60',
  },
  {
    name: 'SLUSE_RATE_CLIENT',
    schema: { type: 'integer', minimum: 1, maximum: 1_000_000_000, default: 30_000 },
    purpose:
      'What one client may ask for per minute in each process, in reads: a write counts as one, a search as three ([running](operations/running.md) has the weights).',
    default: '30000',
  },
  {
    name: 'SLUSE_CLIENT_CONCURRENCY',
    schema: { type: 'integer', minimum: 1, maximum: 100_000, default: 64 },
    purpose: 'Requests of one client that may be under way at a time in each process.',
    default: '64',
  },
  {
    name: 'SLUSE_LOG_LEVEL',
    schema: { type: 'string', enum: ['debug', 'info', 'warn', 'error', 'silent'], default: 'info' },
    purpose: 'Least severity of log lines. No level logs personal data.',
    default: 'info',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    schema: { type: 'string', pattern: '^https?://' },
    purpose:
      'Where traces are sent. The other standard `OTEL_*` variables are honoured by the OpenTelemetry SDK.',
    default: 'no traces',
  },
] as const satisfies readonly Setting[]
