/** The limit of HTTP on this machine: Express that reads the body and says 201, or says 200 to a GET. */
import express from 'express'

const app = express()
app.post('/', express.json({ type: () => true }), (_request, response) => {
  response.status(201).json({ ok: true })
})
app.get('/', (_request, response) => {
  response.json({ ok: true })
})
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`ready ${typeof address === 'object' && address ? address.port : ''}\n`)
})
process.on('SIGTERM', () => {
  server.closeAllConnections()
  server.close()
})
