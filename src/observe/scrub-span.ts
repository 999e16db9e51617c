import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import { mask, maskNumber } from './mask.ts'

export type SpanExporter = NodeSDKConfiguration['traceExporter']
type Span = Parameters<SpanExporter['export']>[0][number]

/**
 * What a span may tell. The instrumentations put the whole URL with its query, SQL, Redis commands with their values and
 * the messages of errors into spans; only the attributes of this list leave the process.
 * https://opentelemetry.io/docs/specs/semconv/
 */
const ALLOWED: ReadonlySet<string> = new Set([
  'bullmq.queue.name',
  'bullmq.queue.operation',
  'db.collection.name',
  'db.name',
  'db.namespace',
  'db.operation.name',
  'db.system',
  'db.system.name',
  'error.type',
  'exception.type',
  'express.type',
  'http.method',
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'http.scheme',
  'http.status_code',
  'network.protocol.version',
  'server.address',
  'server.port',
  'url.scheme',
])

/** Stands before an exporter, so that every way to a collector passes it. */
export function scrubbing(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(scrub), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}

/** Every part is named, so that a part that a later version adds is left out until somebody has looked at it. */
function scrub(span: Span): Span {
  return {
    name: mask(span.name),
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext ? { parentSpanContext: span.parentSpanContext } : {}),
    startTime: span.startTime,
    endTime: span.endTime,
    status: { code: span.status.code },
    attributes: allowed(span.attributes),
    links: span.links.map(({ context }) => ({ context })),
    events: span.events.map(({ name, time, attributes }) => ({
      name: mask(name),
      time,
      attributes: allowed(attributes ?? {}),
    })),
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  }
}

function allowed(attributes: Span['attributes']): Span['attributes'] {
  const kept: Span['attributes'] = {}
  for (const [name, value] of Object.entries(attributes)) {
    if (!ALLOWED.has(name)) continue
    if (typeof value === 'string') kept[name] = mask(value)
    else if (typeof value === 'number') kept[name] = maskNumber(value)
    else if (typeof value === 'boolean') kept[name] = value
  }
  return kept
}
