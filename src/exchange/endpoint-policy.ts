/** Which endpoints a subscription may name; the egress guard checks the address again at every send. */
export interface EndpointPolicy {
  /** Sandbox only: `http:` endpoints. */
  readonly allowHttp: boolean
}
