/** What the egress guard allows besides public addresses over https; the defaults allow nothing. */
export interface EgressPolicy {
  /** `http:` endpoints, for the sandbox: only at addresses inside `allowedCidrs`, never at a public one. */
  readonly allowHttp: boolean
  /** Ranges that are not public and yet may be reached, such as a health network's. The sandbox: `127.0.0.0/8`, `::1/128`. */
  readonly allowedCidrs: readonly string[]
  /** Certificate authorities (PEM) to trust instead of the built-in ones. */
  readonly authorities?: readonly string[]
  /** Connections kept to one origin; what is more waits. */
  readonly connectionsPerOrigin?: number
  /** Name to addresses; by default the operating system's resolver. */
  readonly lookup?: Lookup
}

export type Lookup = (name: string) => Promise<readonly string[]>
