import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * Figures for Prometheus (https://prometheus.io/docs/practices/naming). Labels hold codes, route templates and status
 * classes: a bounded set, and nothing about anybody.
 */
export interface Metrics {
  request(
    request: { readonly method: string; readonly route: string; readonly status: string },
    seconds: number,
  ): void
  /** A message was committed; it made `count` resources. */
  accepted(format: string, count: number): void
  decided(effect: string, reason: string): void
  /** The glass was broken where nothing else would have opened the record. */
  overridden(ground: string): void
  /** A delivery came to a state. `occurredAt`, of the event, when it is known. */
  settled(
    settlement: { readonly state: string; readonly reason?: string },
    occurredAt: Date | undefined,
  ): void
  /** A batch of what is stored was labelled under the rules in force. */
  relabelled(batch: { readonly labelled: number; readonly failed: number; readonly running: boolean }): void
  /** As found in the database when the figures are asked for. */
  backlog(backlog: { readonly open: number; readonly dead: number; readonly oldestSeconds: number }): void
  pool(pool: { readonly total: number; readonly idle: number; readonly waiting: number }): void
  text(): Promise<string>
}

/** From a cached read to the deadline of a request. */
const REQUEST_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** From a delivery at once to the last attempt of the schedule, 75 h 35 m later. */
const DELIVERY_BUCKETS_S = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600, 21_600, 86_400, 288_000,
]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const requests = new Histogram({
    name: 'sluse_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS_S,
    registers,
  })
  const messages = new Counter({
    name: 'sluse_messages_accepted_total',
    help: 'Messages and resources committed, by format',
    labelNames: ['format'],
    registers,
  })
  const resources = new Counter({
    name: 'sluse_resources_accepted_total',
    help: 'Resources that the accepted messages made, by format',
    labelNames: ['format'],
    registers,
  })
  const decisions = new Counter({
    name: 'sluse_decisions_total',
    help: 'Consent decisions, by effect and reason',
    labelNames: ['effect', 'reason'],
    registers,
  })
  const overrides = new Counter({
    name: 'sluse_overrides_total',
    help: 'Uses of broken glass that opened a review, by ground',
    labelNames: ['ground'],
    registers,
  })
  const deliveries = new Counter({
    name: 'sluse_deliveries_total',
    help: 'Attempts of notifications, by outcome and reason',
    labelNames: ['outcome', 'reason'],
    registers,
  })
  const deliveryTime = new Histogram({
    name: 'sluse_delivery_duration_seconds',
    help: 'Time from an event to its delivery',
    buckets: DELIVERY_BUCKETS_S,
    registers,
  })
  const relabelled = new Counter({
    name: 'sluse_relabel_versions_total',
    help: 'Stored versions labelled under the rules in force; failed ones stay withheld',
    labelNames: ['outcome'],
    registers,
  })
  const relabelling = new Gauge({
    name: 'sluse_relabel_running',
    help: '1 while this process labels what is stored',
    registers,
  })
  const open = new Gauge({
    name: 'sluse_deliveries_open',
    help: 'Deliveries that are due or wait for a retry',
    registers,
  })
  const dead = new Gauge({ name: 'sluse_deliveries_dead', help: 'Deliveries that were given up', registers })
  const oldest = new Gauge({
    name: 'sluse_deliveries_oldest_seconds',
    help: 'Age of the oldest open delivery',
    registers,
  })
  const pool = new Gauge({
    name: 'sluse_database_connections',
    help: 'Connections of the pool, and requests that wait for one',
    labelNames: ['state'],
    registers,
  })

  return {
    request: (labels, seconds) => requests.observe({ ...labels }, seconds),
    accepted(format, count) {
      messages.inc({ format })
      resources.inc({ format }, count)
    },
    decided: (effect, reason) => decisions.inc({ effect, reason }),
    overridden: (ground) => overrides.inc({ ground }),
    settled({ state, reason }, occurredAt) {
      deliveries.inc({ outcome: state === 'open' ? 'retry' : state, reason: reason ?? 'none' })
      if (state === 'delivered' && occurredAt)
        deliveryTime.observe(Math.max(0, Date.now() - occurredAt.getTime()) / 1000)
    },
    relabelled({ labelled, failed, running }) {
      relabelled.inc({ outcome: 'labelled' }, labelled)
      relabelled.inc({ outcome: 'failed' }, failed)
      relabelling.set(running ? 1 : 0)
    },
    backlog(found) {
      open.set(found.open)
      dead.set(found.dead)
      oldest.set(found.oldestSeconds)
    },
    pool(found) {
      pool.set({ state: 'open' }, found.total)
      pool.set({ state: 'idle' }, found.idle)
      pool.set({ state: 'waiting' }, found.waiting)
    },
    text: () => registry.metrics(),
  }
}
