import { readConfig } from '#config/config.ts'
import { createBackendClient } from '#sandbox/backend-client.ts'
import { readClientFile } from '#sandbox/client-files.ts'

export async function token(clientId: string): Promise<string> {
  const config = readConfig()
  const { key, scope } = readClientFile(config.dataDir, clientId)
  const baseUrl = config.baseUrl ?? `http://${config.host}:${config.port}`
  try {
    return await createBackendClient({ baseUrl, clientId, key, scope }).token()
  } catch (error) {
    // What fetch throws when nobody listens.
    if (error instanceof TypeError)
      throw new Error(`nobody answers on ${baseUrl}; start the gateway with \`npm start\` first`, {
        cause: error,
      })
    throw error
  }
}
