import type { Client, ClientStore } from '#auth/client.ts'

/**
 * The smallest true `ClientStore`, for unit tests of `src/auth`. The one of the gateway is in `src/store` and has its own
 * tests on PostgreSQL.
 */
export class MemoryClientStore implements ClientStore {
  readonly clients = new Map<string, Client>()
  readonly spent = new Map<string, Date>()
  readonly spentProofs = new Set<string>()
  reads = 0

  constructor(...clients: readonly Client[]) {
    for (const client of clients) this.clients.set(client.id, client)
  }

  async findClient(id: string): Promise<Client | undefined> {
    this.reads += 1
    return this.clients.get(id)
  }

  async spendAssertion(clientId: string, jti: string, expiresAt: Date): Promise<boolean> {
    const key = JSON.stringify([clientId, jti])
    if (this.spent.has(key)) return false
    this.spent.set(key, expiresAt)
    return true
  }

  async spendProof(jkt: string, jti: string): Promise<boolean> {
    const key = JSON.stringify([jkt, jti])
    if (this.spentProofs.has(key)) return false
    this.spentProofs.add(key)
    return true
  }
}
