/** A server as main.ts starts it, traced; run by tracing.test.ts. Prints its port; ends when stdin does. */
import { startTracing } from '#observe/tracing.ts'

const tracing = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ? await startTracing() : undefined
const { default: express } = await import('express')
const { default: pg } = await import('pg')
const pool = new pg.Pool({
  host: process.env['TEST_PG_HOST'] ?? '',
  user: process.env['TEST_PG_USER'] ?? '',
  database: 'postgres',
})
const app = express()
app.get('/fhir/:type/:id', async (_request, response) => {
  await pool.query("select 'patient-134418' as canary, $1::text as id", ['value-134418'])
  response.json({})
})
app.get('/fails', () => {
  throw new Error('thrown about patient-134418')
})
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(
    `${JSON.stringify({ port: typeof address === 'object' ? address?.port : 0, traced: tracing !== undefined })}\n`,
  )
})
process.stdin.resume().on('end', () => {
  server.close()
  void pool.end()
})
