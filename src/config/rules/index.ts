import type { Finding } from '../diagnostics.ts'
import { child, exists, type Place, wrongBlock } from '../place.ts'
import { aggregation } from './aggregation.ts'
import { audit } from './audit.ts'
import { backends } from './backends.ts'
import { cedarPolicies } from './cedar.ts'
import { compositeTools } from './composite-tools.ts'
import { compositeToolRefs, perUserLimits, rateLimiting, sessionStorage } from './features.ts'
import { passthroughHeaders, staticHeaders } from './headers.ts'
import { incomingAuth } from './incoming-auth.ts'
import { claimHeadersElsewhere } from './mapped-claims.ts'
import { operational } from './operational.ts'
import { optimizer } from './optimizer.ts'
import { outgoingAuth } from './outgoing-auth.ts'
import type { Rule, RuleContext } from './rule.ts'
import { workflowRuns } from './runs.ts'
import { telemetry } from './telemetry.ts'
import { tokenCache } from './token-cache.ts'
import { unexpanded } from './unexpanded.ts'

const RULES: readonly Rule[] = [
  backends,
  incomingAuth,
  cedarPolicies,
  outgoingAuth,
  aggregation,
  passthroughHeaders,
  staticHeaders,
  claimHeadersElsewhere,
  compositeTools,
  compositeToolRefs,
  workflowRuns,
  operational,
  sessionStorage,
  optimizer,
  rateLimiting,
  perUserLimits,
  tokenCache,
  audit,
  telemetry,
  unexpanded,
  kubernetes,
]

/** Of those who give us what they give to kubectl. */
function* kubernetes(root: Place): Iterable<Finding> {
  const version = child(root, 'apiVersion')
  if (exists(version) && exists(child(root, 'kind')))
    yield wrongBlock(
      version,
      'this is a resource of Kubernetes',
      'a configuration is what stands under spec.config',
    )
}

/** Every rule is asked, whatever the others found. */
export function checkRules(root: Place, context: RuleContext): Finding[] {
  return RULES.flatMap((rule) => [...rule(root, context)])
}
