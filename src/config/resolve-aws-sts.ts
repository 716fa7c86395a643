import type { AwsStsConfig, RoleMappingConfig } from '../core/aws-sts-config.ts'
import type { AwsStsInput } from './schema/aws-sts.ts'

export function toAwsSts(input: AwsStsInput): AwsStsConfig {
  const { roleMappings = [], sessionDuration, subjectProviderName: _, ...same } = input
  return {
    type: 'aws_sts',
    ...same,
    roleMappings: roleMappings.map(toMapping),
    sessionSeconds: sessionDuration,
  }
}

function toMapping({
  claim,
  matcher = '',
  roleArn,
  priority,
}: NonNullable<AwsStsInput['roleMappings']>[number]): RoleMappingConfig {
  return { when: claim === undefined ? { matcher } : { claim }, roleArn, priority }
}
