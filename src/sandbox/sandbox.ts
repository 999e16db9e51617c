/** The sandbox beside a running gateway: its organisations registered, their receiver up, its story told once. */
import { existsSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { GatewayError } from '#fhir/gateway-error.ts'
import type { Database } from '#store/database.ts'
import { type BackendClient, createBackendClient } from './backend-client.ts'
import type { ClientFile } from './client-files.ts'
import { startReceiver } from './receiver.ts'
import { registerSandbox } from './register.ts'
import { tellStory } from './story.ts'

export interface SandboxOptions {
  readonly dataDir: string
  readonly sandboxPort: number
}

export interface Sandbox {
  /** On the first start only. */
  tellStory(say: (line: string) => void): Promise<void>
  readonly whereToLook: readonly string[]
  close(): Promise<void>
}

export async function openSandbox(
  { dataDir, sandboxPort }: SandboxOptions,
  gateway: { readonly baseUrl: string; readonly database: Database },
): Promise<Sandbox> {
  const files = await patiently(() => registerSandbox(gateway.database, dataDir))
  const inbox = join(dataDir, 'inbox')
  const receiver = await startReceiver({ port: sandboxPort, folder: inbox })
  const begun = join(dataDir, 'story-begun')
  const told = join(dataDir, 'story-told')
  const shown = relative(process.cwd(), inbox) || inbox
  return {
    tellStory: async (say) => {
      if (existsSync(told)) return
      if (existsSync(begun)) {
        // Its subscriptions and consents are there already: told again on top of them, it would not be true.
        say(
          `the sandbox story was cut short at an earlier start; stop, remove ${relative(process.cwd(), dataDir) || dataDir} and start to hear it from the beginning`,
        )
        return
      }
      writeFileSync(begun, `${new Date().toISOString()}\n`)
      const client = (id: string): BackendClient => clientOf(files, id, gateway.baseUrl)
      await tellStory({ client, receiver, say, inbox: shown })
      writeFileSync(told, `${new Date().toISOString()}\n`)
    },
    whereToLook: [
      `  what each organisation received: ${shown}/`,
      `  a token for curl:                npm run -s sluse -- token hospital-ehr`,
      `  what is served:                  ${gateway.baseUrl}/fhir/metadata   (README.md walks through a first update)`,
    ],
    close: () => receiver.close(),
  }
}

function clientOf(files: ReadonlyMap<string, ClientFile>, id: string, baseUrl: string): BackendClient {
  const file = files.get(id)
  if (!file) throw new Error(`the sandbox has no client ${id}`)
  return createBackendClient({ baseUrl, clientId: file.clientId, key: file.key, scope: file.scope })
}

/** Each try waits a few seconds itself. */
const TRIES = 5

/** A database that is slow for a moment, as on a busy machine, is no reason not to start. Registering again is harmless. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const isAway = error instanceof GatewayError && error.code === 'store-unavailable'
      if (!isAway || tries === TRIES) throw error
    }
  }
}
