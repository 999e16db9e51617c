/** Logs a line, to the file that it is given if any, and exits in the same turn; run by log.test.ts. */
import { createLog } from '#observe/log.ts'

const file = process.argv[2]
createLog({ level: 'info', ...(file ? { file } : {}) }).error({ event: 'last-words' })
process.exit(3)
