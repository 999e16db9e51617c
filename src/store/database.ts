/** The pools, and the transaction. Settings and their reasons: docs/adr on one engine. */
import pg from 'pg'
import { GatewayError } from '#fhir/gateway-error.ts'

export interface DatabaseOptions {
  /** `postgres://…`, or a socket folder for the embedded server. */
  readonly connection:
    | { readonly connectionString: string }
    | { readonly host: string; readonly user: string; readonly database: string }
  /** Called when an idle connection breaks: a lost pool connection must not end the process. */
  readonly onPoolError: (error: Error) => void
  readonly maxConnections?: number
}

/** Something that runs SQL. A function that needs a transaction asks for `Transaction` instead. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(statement: Statement): Promise<Row[]>
}

/** A statement with a name is planned once per connection; its text must then be constant. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values?: readonly unknown[]
}

declare const begun: unique symbol
export interface Transaction extends Queryable {
  readonly [begun]: true
}

export interface Database extends Queryable {
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>
  /** After a commit: which subscriptions may have work. Fire and forget, since the sweep heals a lost one. */
  notify(channel: string, payload: string): Promise<void>
  readonly pool: pg.Pool
  readonly connection: DatabaseOptions['connection']
  close(): Promise<void>
}

/** 12: enough to keep two cores and the disk's group commit busy; the embedded server allows 60 in all. */
const MAX_CONNECTIONS = 12

/** Longer than the server's own limit of 5 s: whatever takes this long is a connection that has gone silent. */
const QUERY_TIMEOUT_MS = 7_000

/** int8 as a number: event numbers and counts stay far below 2^53. Everything else as pg parses it. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
}

export function createDatabase({
  connection,
  onPoolError,
  maxConnections = MAX_CONNECTIONS,
}: DatabaseOptions): Database {
  const settings = {
    ...connection,
    keepAlive: true,
    types,
    connectionTimeoutMillis: 3_000,
    query_timeout: QUERY_TIMEOUT_MS,
  }
  const pool = new pg.Pool({
    ...settings,
    // Statements that are asked for together go out together; the server runs them in that order.
    pipeline: true,
    max: maxConnections,
    // jit off: these statements touch a few rows, and their estimated cost says otherwise.
    options:
      '-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c jit=off',
  })
  const notifyPool = new pg.Pool({ ...settings, max: 1 })
  let closing = false
  const onError = (error: Error): void => {
    // While we close, a connection that ends is what we asked for.
    if (!closing) onPoolError(error)
  }
  pool.on('error', onError)
  notifyPool.on('error', onError)

  return {
    pool,
    connection,
    query: (statement) => unlessAway(() => run(pool, statement)),
    transaction: (body) => unlessAway(() => inTransaction(pool, body)),
    notify: async (channel, payload) => {
      await notifyPool.query('select pg_notify($1, $2)', [channel, payload])
    },
    close: async () => {
      closing = true
      await Promise.all([pool.end(), notifyPool.end()])
    },
  }
}

async function run<Row extends pg.QueryResultRow>(
  client: pg.Pool | pg.PoolClient,
  statement: Statement,
): Promise<Row[]> {
  const { rows } = await client.query<Row>({ ...statement, values: [...(statement.values ?? [])] })
  return rows
}

async function inTransaction<T>(pool: pg.Pool, body: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // A client that is checked out has no listener of the pool's: without one, a lost connection would end the process.
  const onLost = (error: Error): void => {
    broken = error
  }
  client.on('error', onLost)
  try {
    await client.query('begin')
    const tx = { query: (statement: Statement) => run(client, statement) } as Transaction
    const result = await body(tx)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((cause: unknown) => {
      broken = cause instanceof Error ? cause : new Error('rollback failed')
    })
    throw error
  } finally {
    client.off('error', onLost)
    client.release(broken)
  }
}

/** SQLSTATE classes in which nothing was decided and a later try may succeed (PostgreSQL Appendix A). */
const AWAY = /^(08|53|57|58|55P03|25P03|40)/
const AWAY_ERRNO = /^(ECONNREFUSED|ECONNRESET|ENOENT|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)$/

/** A database that is away, full, shutting down or too slow is a 503 with Retry-After, never a 500 and never a 2xx. */
async function unlessAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof GatewayError || !isAway(error)) throw error
    throw new GatewayError(
      {
        code: 'store-unavailable',
        // Not that nothing was stored: when the connection breaks during a commit, nobody knows until it is asked again.
        text: 'the database is not answering; send the same request again after the seconds in Retry-After',
      },
      { cause: error },
    )
  }
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return (
    AWAY.test(code) ||
    AWAY_ERRNO.test(code) ||
    /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered)/.test(
      error.message,
    )
  )
}

/** 23505 unique_violation on the named constraint. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === '23505' &&
    'constraint' in error &&
    error.constraint === constraint
  )
}
