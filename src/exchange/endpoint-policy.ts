/** Which endpoints a subscription may name; the egress guard checks the address again at every send. */
export interface EndpointPolicy {
  /** Sandbox only: `http:` endpoints. */
  readonly allowHttp: boolean
  /** Of the subscriber's organisation: its subscriptions send to these and what is below them. None: to any address. */
  readonly registered?: readonly string[]
}

/** INVARIANT: `https://a.example/in` has `/in/1` below it and not `/inside`; dots in a path are gone once it is a URL. */
export function isRegisteredEndpoint({ registered = [] }: EndpointPolicy, href: string): boolean {
  return (
    registered.length === 0 ||
    registered.some((base) => href === base || ['/', '?'].some((next) => href.startsWith(whole(base) + next)))
  )
}

function whole(base: string): string {
  return base.replace(/\/$/, '')
}
