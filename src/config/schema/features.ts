import { z } from 'zod'
import {
  count,
  duration,
  envName,
  flag,
  headerName,
  headerValue,
  httpUrl,
  list,
  MAY_BE_ZERO,
  ratio,
  stringMap,
  text,
} from './scalars.ts'

export const optimizer = z
  .strictObject({
    embeddingService: httpUrl(
      'Base URL of an embedding service; without one, search is by words only.',
    ).optional(),
    embeddingServiceTimeout: duration('Of one request to it.').prefault('30s'),
    embeddingProvider: z
      .enum(['tei', 'openai', 'local'])
      .default('tei')
      .describe(
        'The protocol it speaks; the key of openai is read from OPENAI_API_KEY. local runs a model in this process, ' +
          'with the package @huggingface/transformers, which is not installed with vmcp.',
      ),
    embeddingModel: text('Model; needed by openai. With local, the folder that it is in.').optional(),
    embeddingHeaders: z
      .record(headerName('A header.'), headerValue('Its value.'))
      .optional()
      .describe('Further headers, for openai; at most 32.'),
    embeddingCache: text('Folder in which vectors are kept; in memory only, when absent.').optional(),
    maxToolsToReturn: count('Tools that one search returns.', 1, 50).default(8),
    hybridSearchSemanticRatio: ratio(
      'How much meaning counts, from 0 to 1; the rest is how much words count.',
      1,
    ).prefault('0.5'),
    semanticDistanceThreshold: ratio('Results by meaning that are further away are left out.', 2).prefault(
      '1.0',
    ),
    pinned: list('Tools that stay listed, by the names that clients see.').optional(),
    detail: z
      .enum(['name', 'summary', 'full'])
      .default('full')
      .describe('How much of each tool a search returns where the client does not say; full has its schema.'),
    tokenizer: z
      .enum(['cl100k_base', 'o200k_base'])
      .optional()
      .describe(
        'Counts tokens as models do, with the package gpt-tokenizer, which is not installed with vmcp. When absent, ' +
          'a token is four characters of JSON.',
      ),
  })
  .describe('Clients see a search tool and a call tool instead of the whole list. Presence enables it.')

export const codeMode = z
  .strictObject({
    enabled: flag('Offer a tool that runs scripts over the other tools.', false),
    stepLimit: count('Steps of one script.', 1).default(100_000),
    parallelMaxConcurrency: count('Calls of one script at a time.', 1).default(10),
    toolCallTimeout: duration('Of one call by a script.').prefault('30s'),
  })
  .describe('Scripts that call several tools in one request.')

export const sessionStorage = z
  .strictObject({
    provider: z.enum(['memory', 'redis']).default('memory').describe('Where client sessions are kept.'),
    address: text(
      'host:port of Redis; needed by redis. The password is read from THV_SESSION_REDIS_PASSWORD.',
    ).optional(),
    db: count('Redis database.', 0).optional(),
    keyPrefix: text('Before every Redis key.').optional(),
    maxSessions: count(
      'Open client sessions; beyond it the least recently used is closed.',
      1,
      1_000_000,
    ).default(10_000),
  })
  .describe('Client sessions.')

const HOST_PORT = /^(?:rediss?:\/\/)?(?:\[[\da-fA-F:.]+\]|[^\s:/@]+):\d{1,5}$/
const NO_HOST_PORT = { error: 'expected host:port, or rediss://host:port for TLS' }

const bucket = z.strictObject({
  maxTokens: count('Calls that may be made at once.', 1),
  refillPeriod: duration('Time in which an empty bucket fills up.'),
})

const limits = {
  shared: bucket.optional().describe('For all callers together.'),
  perUser: bucket.optional().describe('For each caller.'),
}

const redisAddress = text(
  'host:port, or rediss://host:port for TLS. The password is read from THV_SESSION_REDIS_PASSWORD.',
).regex(HOST_PORT, NO_HOST_PORT)

const redisAuthorities = text(
  'PEM file with certificate authorities that are trusted besides the usual ones; with rediss.',
).optional()

const redisDb = count('Redis database.', 0).default(0)

export const rateLimiting = z
  .strictObject({
    ...limits,
    tools: z
      .array(z.strictObject({ name: text('Advertised name of the tool.'), ...limits }))
      .optional()
      .describe('For single tools.'),
    failOpen: flag('Let calls through while Redis cannot be asked; or else refuse them.', true),
    redis: z
      .strictObject({
        address: redisAddress,
        caCertPath: redisAuthorities,
        db: redisDb,
        keyPrefix: text('Before every Redis key.').default('thv:rl:'),
      })
      .optional()
      .describe('Redis that several gateways share their limits in; without it each has its own, in memory.'),
  })
  .describe('How many tool calls of clients are let through. Presence enables it.')

export const workflowRuns = z
  .strictObject({
    store: z
      .discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('file').describe('In files, for servers on one machine.'),
          path: text(
            'Folder that runs are kept in, each in a folder of its own. It is made where it is not there.',
          ),
        }),
        z.strictObject({
          type: z.literal('redis').describe('In Redis, for any number of servers.'),
          address: redisAddress,
          caCertPath: redisAuthorities,
          db: redisDb,
          keyPrefix: text('Before every Redis key.').default('thv:vmcp:run:'),
        }),
      ])
      .describe('Where they are kept.'),
    keyFile: text(
      'File with the key that seals them, which is made where it is not there; `key` in the folder of a file store, ' +
        'when absent. Servers that share a store share the key.',
    ).optional(),
    keyEnv: envName(
      'Environment variable with the key instead: 32 random bytes in base64 or hexadecimal.',
    ).optional(),
    expireAfter: duration('How long a run is kept, from when it began to wait.', 15 * 60_000).prefault('24h'),
    maxRuns: count(
      'Runs that are kept at once; one more is not kept, and runs all the same.',
      1,
      100_000,
    ).default(1_000),
  })
  .describe(
    'Keeps runs of composite tools that wait for a person, so that they can be resumed after a restart. ' +
      'Presence enables it.',
  )

export const tokenCache = z
  .strictObject({
    provider: z.enum(['memory', 'redis']).default('memory').describe('Where tokens are kept.'),
    config: z
      .strictObject({
        maxEntries: count('Tokens in memory; beyond it the least recently used goes.', 1).default(10_000),
        ttlOffset: duration(
          'A token is replaced this long before it expires, at most half of its time.',
          MAY_BE_ZERO,
        ).prefault('30s'),
        address: text('host:port of Redis, or rediss://host:port for TLS; needed by redis.')
          .regex(HOST_PORT, NO_HOST_PORT)
          .optional(),
        caCertPath: redisAuthorities,
        db: count('Redis database.', 0).optional(),
        keyPrefix: text('Before every Redis key; vmcp:tokens: when absent.').optional(),
        password: text('Redis password; read from THV_SESSION_REDIS_PASSWORD when absent.').optional(),
        encryptionKeyEnv: envName(
          'Environment variable that holds the key that tokens in Redis are encrypted with: 32 random bytes in base64; ' +
            'VMCP_TOKEN_CACHE_KEY when absent.',
        ).optional(),
        encryptionKeyFile: text('File that holds the key, in the place of a variable.').optional(),
      })
      .prefault({})
      .describe('Settings of the provider.'),
  })
  .describe('Where tokens that backends are called with are kept until they expire.')

export const audit = z
  .strictObject({
    enabled: z.boolean().optional().describe('Has no effect: presence of the block enables it.'),
    component: text('Name of this component in the log.').optional(),
    eventTypes: list('Events to write; all, when absent.').optional(),
    excludeEventTypes: list('Events not to write, whatever eventTypes says.').optional(),
    includeRequestData: flag('Write requests.', false),
    includeResponseData: flag('Write responses.', false),
    detectApplicationErrors: flag('Tell results that are errors from successes.', true),
    maxDataSize: count('Bytes of a payload that are written.', 0, 1024 * 1024).default(1024),
    maxDelegationDepth: count('Links of a delegation chain that are written.', 0).default(10),
    logFile: text('File to append to; standard output when absent.').optional(),
    trustedProxies: list(
      'Addresses and CIDR ranges of proxies whose X-Forwarded-For is believed; none, when absent.',
    ).optional(),
    redact: list(
      'JSON pointers such as /arguments/card, into parameters and results, to what is never written.',
    ).optional(),
    onFull: z
      .enum(['drop', 'block'])
      .default('drop')
      .describe('When lines cannot be written as fast as they come: drop lines, or block requests.'),
  })
  .describe('One line for every event.')

export const telemetry = z
  .strictObject({
    endpoint: text('Where traces and metrics are sent in OTLP: host:port, or a URL.').optional(),
    protocol: z
      .enum(['grpc', 'http/protobuf'])
      .optional()
      .describe('How the endpoint is spoken to; grpc on port 4317 and http/protobuf on others, when absent.'),
    serviceName: text('Name of this service; the name of this server, when absent.').optional(),
    serviceVersion: text('Its version; that of vmcp, when absent.').optional(),
    tracingEnabled: flag('Send traces to the endpoint.', false),
    metricsEnabled: flag('Send metrics to the endpoint.', false),
    samplingRate: ratio('Share of the requests without a trace of their own that are traced.', 1).prefault(
      '0.05',
    ),
    headers: z
      .record(headerName('A header.'), headerValue('Its value.'))
      .optional()
      .describe('Headers for the endpoint.'),
    insecure: flag('Speak to the endpoint without TLS, where it has no scheme.', false),
    enablePrometheusMetricsPath: flag('Offer /metrics for Prometheus.', false),
    prometheusPort: count('A further port that offers it, on loopback; none, when 0.', 0, 65_535).default(
      9464,
    ),
    metricsOnTransportPort: flag('Offer it on the main port.', true),
    environmentVariables: z
      .array(envName('An environment variable.'))
      .optional()
      .describe('Environment variables whose values spans have as environment.NAME.'),
    customAttributes: stringMap('Attributes of everything that is exported.').optional(),
    useLegacyAttributes: flag('Spans have the older attribute names too.', true),
    caCertPath: text('PEM file with further certificate authorities for the endpoint.').optional(),
  })
  .describe('Traces and metrics.')
