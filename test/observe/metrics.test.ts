import { expect, test } from 'vitest'
import { createMetrics } from '#observe/metrics.ts'

/** The lines of ours, without help and buckets. */
async function figures(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('sluse_') && !line.includes('_bucket'))
}

test('every figure, by name and label', async () => {
  const metrics = createMetrics()
  metrics.request({ method: 'GET', route: '/fhir/:type', status: '2xx' }, 0.25)
  metrics.accepted('hl7v2-adt', 2)
  metrics.accepted('hl7v2-adt', 1)
  metrics.decided('permit', 'consent')
  metrics.decided('deny', 'no-consent')
  metrics.settled({ state: 'delivered' }, undefined)
  metrics.settled({ state: 'open', reason: 'http-503' }, undefined)
  metrics.settled({ state: 'withheld', reason: 'no-consent' }, undefined)
  metrics.settled({ state: 'dead', reason: 'http-410' }, undefined)
  metrics.relabelled({ labelled: 100, failed: 1, running: true })
  metrics.backlog({ open: 3, dead: 1, oldestSeconds: 12.5 })
  metrics.pool({ total: 8, idle: 5, waiting: 0 })

  expect(await figures(metrics)).toEqual([
    'sluse_http_request_duration_seconds_sum{method="GET",route="/fhir/:type",status="2xx"} 0.25',
    'sluse_http_request_duration_seconds_count{method="GET",route="/fhir/:type",status="2xx"} 1',
    'sluse_messages_accepted_total{format="hl7v2-adt"} 2',
    'sluse_resources_accepted_total{format="hl7v2-adt"} 3',
    'sluse_decisions_total{effect="permit",reason="consent"} 1',
    'sluse_decisions_total{effect="deny",reason="no-consent"} 1',
    'sluse_deliveries_total{outcome="delivered",reason="none"} 1',
    'sluse_deliveries_total{outcome="retry",reason="http-503"} 1',
    'sluse_deliveries_total{outcome="withheld",reason="no-consent"} 1',
    'sluse_deliveries_total{outcome="dead",reason="http-410"} 1',
    'sluse_delivery_duration_seconds_sum 0',
    'sluse_delivery_duration_seconds_count 0',
    'sluse_relabel_versions_total{outcome="labelled"} 100',
    'sluse_relabel_versions_total{outcome="failed"} 1',
    'sluse_relabel_running 1',
    'sluse_deliveries_open 3',
    'sluse_deliveries_dead 1',
    'sluse_deliveries_oldest_seconds 12.5',
    'sluse_database_connections{state="open"} 8',
    'sluse_database_connections{state="idle"} 5',
    'sluse_database_connections{state="waiting"} 0',
  ])
})

test('the time to delivery counts deliveries alone, and never backwards', async () => {
  const metrics = createMetrics()
  metrics.settled({ state: 'open', reason: 'timeout' }, new Date(0))
  metrics.settled({ state: 'delivered' }, new Date(Date.now() + 60_000))
  metrics.settled({ state: 'delivered' }, new Date(Date.now() - 3_000))

  const text = await metrics.text()
  expect(text).toContain('sluse_delivery_duration_seconds_bucket{le="0.01"} 1')
  expect(text).toContain('sluse_delivery_duration_seconds_bucket{le="2.5"} 1')
  expect(text).toContain('sluse_delivery_duration_seconds_bucket{le="5"} 2')
  expect(text).toContain('sluse_delivery_duration_seconds_count 2')
  expect(text).toMatch(/^sluse_delivery_duration_seconds_sum 3(\.\d+)?$/m)
})

test("Node's own figures are there, and two gateways in a process do not share any", async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.accepted('gp-contact', 1)

  expect(await one.text()).toContain('nodejs_eventloop_lag_seconds')
  expect(await figures(other)).not.toContain('sluse_messages_accepted_total{format="gp-contact"} 1')
})
