import { register } from 'node:module'
import type { BullMQOtel } from 'bullmq-otel'
import { scrubbing } from './scrub-span.ts'

/**
 * OpenTelemetry traces, started only when OTEL_EXPORTER_OTLP_ENDPOINT is set. Call it before anything that is traced is
 * imported, since what is imported already is not patched. https://opentelemetry.io/docs/languages/js/
 */
export interface Tracing {
  /** For BullMQ's `telemetry` option: joins the trace of a commit to that of its delivery. */
  readonly queue: BullMQOtel
  /** Sends what is left. Happens by itself when the process ends. */
  stop(): Promise<void>
}

/** For the SDK, which reads the environment itself. What an operator has set stays. */
const DEFAULTS: Readonly<Record<string, string>> = {
  OTEL_SERVICE_NAME: 'sluse',
  // Others ask a cloud's metadata service, over a network that may not have one.
  OTEL_NODE_RESOURCE_DETECTORS: 'env,host',
  // Metrics are Prometheus's; logs are pino's, behind their allow-list.
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
}

/** What is patched. Without this list the hook would wrap every module that is imported. */
const TRACED = ['express', 'http', 'node:http', 'ioredis', 'pg']

export async function startTracing(): Promise<Tracing> {
  for (const [name, value] of Object.entries(DEFAULTS)) process.env[name] ??= value
  // ES modules cannot be patched once they are linked, so a hook wraps them as they are loaded.
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, { data: { include: TRACED } })

  // Loaded here, so that a start without traces does not pay for them.
  const [{ NodeSDK }, { OTLPTraceExporter }, { BullMQOtel }, instrumentations] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('bullmq-otel'),
    loadInstrumentations(),
  ])
  const sdk = new NodeSDK({ traceExporter: scrubbing(new OTLPTraceExporter()), instrumentations })
  sdk.start()
  const stop = (): Promise<void> => sdk.shutdown()
  process.once('beforeExit', () => void stop())
  return { queue: new BullMQOtel({ tracerName: 'sluse' }), stop }
}

async function loadInstrumentations() {
  const [http, express, pg, ioredis] = await Promise.all([
    import('@opentelemetry/instrumentation-http'),
    import('@opentelemetry/instrumentation-express'),
    import('@opentelemetry/instrumentation-pg'),
    import('@opentelemetry/instrumentation-ioredis'),
  ])
  return [
    new http.HttpInstrumentation(),
    new express.ExpressInstrumentation(),
    // A statement outside a request, such as the relay's look at the outbox every two seconds, is not worth a trace.
    new pg.PgInstrumentation({ requireParentSpan: true }),
    new ioredis.IORedisInstrumentation({ requireParentSpan: true }),
  ]
}
