import type { Block } from './block.ts'
import { lowered, snake } from './block.ts'
import { fullParameters, serviceAccount, settingsByType } from './reshape.ts'

const TARGET = [
  ...['tokenUrl', 'clientId', 'clientSecret', 'clientSecretEnv', 'clientAuthMethod', 'insecureTokenUrl'],
  'caBundlePath',
]
const XAA = [
  ...['idpTokenUrl', 'idpClientId', 'idpClientSecret', 'idpClientSecretEnv', 'idpClientAuthMethod'],
  ...['insecureIdpTokenUrl', 'targetTokenUrl', 'insecureTargetTokenUrl', 'targetClientId'],
  ...['targetClientSecret', 'targetClientSecretEnv', 'targetClientAuthMethod', 'targetAudience'],
  ...['targetResource', 'caBundlePath', 'subjectProviderName', 'subjectTokenType'],
]

const STRATEGY: Block = {
  prepare: settingsByType,
  renamed: {
    service_account: 'headerInjection',
    serviceAccount: 'headerInjection',
    ...snake(
      'headerInjection',
      'tokenExchange',
      'clientCredentials',
      'upstreamInject',
      'awsSts',
      'mappedClaims',
    ),
  },
  blocks: {
    headerInjection: {
      renamed: {
        credentials_env: 'headerValueEnv',
        credentialsEnv: 'headerValueEnv',
        ...snake('headerName', 'headerValue', 'headerValueEnv', 'headerFormat'),
      },
    },
    tokenExchange: { renamed: snake(...TARGET, 'subjectTokenType', 'subjectProviderName') },
    clientCredentials: { renamed: snake(...TARGET) },
    oauth: {
      renamed: snake(
        ...['clientId', 'clientSecret', 'clientSecretEnv', 'clientIdMetadataUrl', 'redirectPort'],
        ...['allowPrivateIp', 'keyEnv'],
      ),
    },
    upstreamInject: { renamed: snake('providerName') },
    xaa: { renamed: snake(...XAA) },
    awsSts: {
      renamed: snake(
        ...['fallbackRoleArn', 'roleMappings', 'roleClaim', 'sessionDuration', 'sessionNameClaim'],
        ...['subjectProviderName', 'stsEndpoint', 'caBundlePath'],
      ),
      blocks: { roleMappings: { each: { renamed: snake('roleArn') } } },
    },
    mappedClaims: { blocks: { jwt: { renamed: snake('headerFormat', 'keyFile', 'keyEnv', 'keyId') } } },
  },
  reshape: serviceAccount,
}

const INNER_STEP: Block = {
  renamed: snake(
    'dependsOn',
    'onError',
    'onDecline',
    'onCancel',
    'defaultResults',
    'itemVar',
    'maxParallel',
    'maxIterations',
  ),
  blocks: { onError: { renamed: snake('retryCount', 'retryDelay') } },
}

const COMPOSITE_TOOL: Block = {
  blocks: {
    parameters: { reshape: fullParameters },
    steps: { each: { ...INNER_STEP, blocks: { ...INNER_STEP.blocks, step: INNER_STEP } } },
    annotations: { renamed: snake('readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint') },
  },
}

const INCOMING_AUTH: Block = {
  blocks: {
    oidc: {
      renamed: snake(
        ...['clientId', 'clientSecretEnv', 'jwksUrl', 'introspectionUrl', 'protectedResourceAllowPrivateIp'],
        ...['jwksAllowPrivateIp', 'insecureAllowHttp', 'caBundlePath', 'introspectionCacheTtl', 'clockSkew'],
        ...['requiredScopes', 'scopeHierarchy'],
      ),
    },
    authz: {
      renamed: snake(
        ...['entitiesJson', 'primaryUpstreamProvider', 'groupClaimName', 'roleClaimName', 'groupEntityType'],
      ),
    },
  },
}

const AGGREGATION: Block = {
  renamed: snake(
    'conflictResolution',
    'conflictResolutionConfig',
    'excludeAllTools',
    'defaultToolVisibility',
  ),
  blocks: {
    conflictResolutionConfig: { renamed: snake('prefixFormat', 'priorityOrder') },
    tools: {
      each: {
        renamed: snake('excludeAll', 'toolConfigRef'),
        blocks: {
          overrides: {
            each: {
              blocks: {
                annotations: {
                  renamed: snake('readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'),
                },
              },
            },
          },
        },
      },
    },
  },
}

const BULKHEAD: Block = { renamed: snake('maxConcurrent', 'maxQueued') }

const OPERATIONAL: Block = {
  renamed: snake('logLevel', 'failureHandling', 'requestIdHeader'),
  blocks: {
    timeouts: { renamed: snake('perWorkload', 'extendOnProgress') },
    failureHandling: {
      renamed: snake(
        ...['healthCheckInterval', 'unhealthyThreshold', 'healthCheckTimeout', 'statusReportingInterval'],
        ...['partialFailureMode', 'circuitBreaker'],
      ),
      blocks: {
        circuitBreaker: { renamed: snake('failureThreshold') },
        retry: { renamed: snake('maxAttempts', 'initialDelay', 'maxDelay', 'budgetPercent') },
        bulkhead: BULKHEAD,
      },
    },
  },
}

const TELEMETRY_KEYS = [
  ...['serviceName', 'serviceVersion', 'tracingEnabled', 'metricsEnabled', 'samplingRate'],
  ...['enablePrometheusMetricsPath', 'prometheusPort', 'metricsOnTransportPort', 'environmentVariables'],
  ...['customAttributes', 'useLegacyAttributes', 'caCertPath'],
]

const AUDIT_KEYS = [
  ...['eventTypes', 'excludeEventTypes', 'includeRequestData', 'includeResponseData'],
  ...['detectApplicationErrors', 'maxDataSize', 'maxDelegationDepth', 'logFile', 'trustedProxies', 'onFull'],
]

const OPTIMIZER_KEYS = [
  ...['embeddingService', 'embeddingServiceTimeout', 'embeddingProvider', 'embeddingModel'],
  ...['embeddingHeaders', 'embeddingCache', 'maxToolsToReturn', 'hybridSearchSemanticRatio'],
  'semanticDistanceThreshold',
]
const TOKEN_CACHE_KEYS = [
  ...['maxEntries', 'ttlOffset', 'keyPrefix', 'caCertPath', 'encryptionKeyEnv', 'encryptionKeyFile'],
]
const BUCKET: Block = { renamed: snake('maxTokens', 'refillPeriod') }
const LIMIT_BLOCKS = { shared: BUCKET, perUser: BUCKET }

/** The snake_case dialect, and the lower-cased telemetry keys that came after it. */
export const OLD_DIALECT: Block = {
  renamed: {
    group: 'groupRef',
    ...snake('groupRef', 'incomingAuth', 'outgoingAuth', 'tokenCache', 'compositeTools', 'compositeToolRefs'),
    ...snake('codeMode', 'sessionStorage', 'rateLimiting', 'passthroughHeaders', 'workflowRuns'),
  },
  blocks: {
    backends: {
      each: {
        renamed: snake('caBundlePath'),
        blocks: { health: { renamed: snake('unhealthyThreshold') }, bulkhead: BULKHEAD },
      },
    },
    incomingAuth: INCOMING_AUTH,
    outgoingAuth: { blocks: { default: STRATEGY, backends: { each: STRATEGY } } },
    aggregation: AGGREGATION,
    tokenCache: { blocks: { config: { renamed: snake(...TOKEN_CACHE_KEYS) } } },
    compositeTools: { each: COMPOSITE_TOOL },
    operational: OPERATIONAL,
    sessionStorage: { renamed: snake('keyPrefix', 'maxSessions') },
    optimizer: { renamed: snake(...OPTIMIZER_KEYS) },
    workflowRuns: {
      renamed: snake('keyFile', 'keyEnv', 'expireAfter', 'maxRuns'),
      blocks: { store: { renamed: snake('keyPrefix', 'caCertPath') } },
    },
    rateLimiting: {
      renamed: snake('perUser', 'failOpen'),
      blocks: {
        ...LIMIT_BLOCKS,
        tools: { each: { renamed: snake('perUser'), blocks: LIMIT_BLOCKS } },
        redis: { renamed: snake('keyPrefix', 'caCertPath') },
      },
    },
    audit: { renamed: snake(...AUDIT_KEYS) },
    telemetry: { renamed: { ...lowered(...TELEMETRY_KEYS), ...snake(...TELEMETRY_KEYS) } },
  },
}
