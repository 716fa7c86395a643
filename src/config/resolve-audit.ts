import { type AuditConfig, type AuditEvent, DEFAULT_AUDIT } from '../core/audit.ts'
import type { ConfigInput } from './schema/root.ts'

export function toAudit(input: NonNullable<ConfigInput['audit']>): AuditConfig {
  const { enabled: _, component = DEFAULT_AUDIT.component, logFile, ...settings } = input
  const { eventTypes = [], excludeEventTypes = [], trustedProxies = [], redact = [] } = input
  return {
    ...settings,
    component,
    logFile,
    eventTypes: eventTypes.length === 0 ? undefined : (eventTypes as AuditEvent[]),
    excludeEventTypes: excludeEventTypes as AuditEvent[],
    trustedProxies,
    redact,
  }
}
