import type { Finding } from '../diagnostics.ts'
import { readEndpoint } from '../otlp.ts'
import type { Place } from '../place.ts'
import { child, exists, items, odd, textAt, wrong } from '../place.ts'
import type { RuleContext } from './rule.ts'

export function* telemetry(root: Place, { env }: RuleContext): Iterable<Finding> {
  const block = child(root, 'telemetry')
  if (!exists(block)) return
  const wants = (key: string) => child(block, key).value === true
  const sends = wants('tracingEnabled') || wants('metricsEnabled')
  const endpoint = child(block, 'endpoint')
  if (exists(endpoint)) yield* judgeEndpoint(block, endpoint, sends)
  else yield* withoutEndpoint(block, wants)
  if (!wants('enablePrometheusMetricsPath')) {
    for (const key of ['prometheusPort', 'metricsOnTransportPort'])
      if (exists(child(block, key)))
        yield odd(child(block, key), 'has no effect unless enablePrometheusMetricsPath is true')
    if (!exists(endpoint) && !sends) yield { ...odd(block, 'turns nothing on', HOW), part: 'key' }
  } else if (
    child(block, 'metricsOnTransportPort').value === false &&
    child(block, 'prometheusPort').value === 0
  )
    yield wrong(child(block, 'prometheusPort'), 'leaves no port that offers /metrics')
  for (const place of items(child(block, 'environmentVariables'))) {
    const name = textAt(place)
    if (name !== undefined && env[name] === undefined)
      yield odd(place, `the environment variable ${name} is not set, so that spans do not have it`)
  }
}

const HOW = 'set enablePrometheusMetricsPath, or an endpoint with tracingEnabled or metricsEnabled'

function* judgeEndpoint(block: Place, place: Place, sends: boolean): Iterable<Finding> {
  if (!sends)
    yield wrong(
      place,
      'nothing is sent to it: neither tracingEnabled nor metricsEnabled is true',
      'set one of them, or remove the endpoint',
    )
  const endpoint = textAt(place)
  if (endpoint === undefined) return
  const protocol = child(block, 'protocol').value
  const read = readEndpoint({
    endpoint,
    protocol: protocol === 'grpc' || protocol === 'http/protobuf' ? protocol : undefined,
    insecure: child(block, 'insecure').value === true,
  })
  if (!read.ok) yield wrong(place, read.problem, read.hint)
  else if (read.url.startsWith('http:') && exists(child(block, 'caCertPath')))
    yield odd(child(block, 'caCertPath'), 'has no effect: the endpoint is not spoken to in TLS')
}

function* withoutEndpoint(block: Place, wants: (key: string) => boolean): Iterable<Finding> {
  for (const key of ['tracingEnabled', 'metricsEnabled'])
    if (wants(key)) yield odd(child(block, key), 'has no effect without an endpoint')
  for (const key of ['protocol', 'headers', 'insecure', 'caCertPath'])
    if (exists(child(block, key)) && child(block, key).value !== false)
      yield { ...odd(child(block, key), 'has no effect without an endpoint'), part: 'key' }
}
