import { z } from 'zod'
import { caBundlePath, count, httpUrl, text } from './scalars.ts'

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/
/** Of every partition. */
const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,575}$/

function role(description: string) {
  return z
    .string()
    .regex(ROLE, { error: 'expected the ARN of a role, such as arn:aws:iam::123456789012:role/Name' })
    .describe(description)
}

const mapping = z.strictObject({
  claim: text('Value that the role claim must have, alone or in a list. Either this or matcher.').optional(),
  matcher: text('CEL expression over claims, such as claims.email.endsWith("@example.com").').optional(),
  roleArn: role('The role to assume.'),
  priority: count('The lowest number wins. Mappings without one come last, in their order.', 0).optional(),
})

export const awsSts = z
  .strictObject({
    region: z
      .string()
      .regex(REGION, { error: 'expected a region of AWS, such as eu-central-1' })
      .describe('AWS region, of the token service and of the signatures.'),
    service: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, { error: 'expected the name of a service, such as aws-mcp' })
      .default('aws-mcp')
      .describe('Service name that requests are signed for.'),
    stsEndpoint: httpUrl(
      'The token service, where it is not the one of the region: HTTPS, or HTTP to this machine.',
    ).optional(),
    caBundlePath: caBundlePath(
      'PEM file with further certificate authorities for the token service.',
    ).optional(),
    fallbackRoleArn: role('The role when no mapping fits. Without one such callers are refused.').optional(),
    roleMappings: z.array(mapping).optional().describe('Which caller assumes which role.'),
    roleClaim: text('The claim that mappings look at; a path with dots is allowed.').default('groups'),
    sessionDuration: count('Lifetime of the credentials in seconds.', 900, 43_200).default(3600),
    sessionNameClaim: text('The claim that names the session in the records of AWS.').default('sub'),
    subjectProviderName: text(
      'The login provider whose token is exchanged, instead of the caller’s own.',
    ).optional(),
  })
  .describe('AWS credentials for the caller by their own token, and signed requests.')

export type AwsStsInput = z.output<typeof awsSts>
