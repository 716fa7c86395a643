import { describe, expect, it } from 'vitest'
import { faultsIn, parse, said, withBlock } from '../testing.ts'

const ROLE = 'arn:aws:iam::123456789012:role/Reader'
const sts = (block: string) =>
  withBlock('outgoingAuth', `{source: inline, backends: {b: {type: aws_sts, awsSts: {${block}}}}}`)
const AT = 'outgoingAuth.backends.b.awsSts'
const GOOD = `region: eu-central-1, fallbackRoleArn: "${ROLE}"`

describe('awsSts', () => {
  it.each([
    ['region: eu-central-1', `${AT}: backend "b" needs roleMappings or fallbackRoleArn`],
    [
      `region: frankfurt, fallbackRoleArn: "${ROLE}"`,
      `${AT}.region: expected a region of AWS, such as eu-central-1`,
    ],
    [
      'region: eu-central-1, fallbackRoleArn: Reader',
      `${AT}.fallbackRoleArn: expected the ARN of a role, such as arn:aws:iam::123456789012:role/Name`,
    ],
    [
      'region: eu-central-1, fallbackRoleArn: "arn:aws:iam::123456789012:user/Reader"',
      `${AT}.fallbackRoleArn: expected the ARN of a role, such as arn:aws:iam::123456789012:role/Name`,
    ],
    [
      `region: cn-north-1, fallbackRoleArn: "${ROLE}"`,
      `${AT}.fallbackRoleArn: a role of aws cannot be assumed in cn-north-1, which is of aws-cn`,
    ],
    [`${GOOD}, sessionDuration: 899`, `${AT}.sessionDuration: must be at least 900`],
    [`${GOOD}, service: "a/b"`, `${AT}.service: expected the name of a service, such as aws-mcp`],
    [
      `${GOOD}, stsEndpoint: "http://sts.example/"`,
      `${AT}.stsEndpoint: tokens would be sent over plain HTTP`,
    ],
    [
      `${GOOD}, stsEndpoint: "https://a:b@sts.example/"`,
      `${AT}.stsEndpoint: the URL may not hold credentials`,
    ],
    [
      `region: eu-central-1, roleMappings: [{roleArn: "${ROLE}"}]`,
      `${AT}.roleMappings[0]: a role mapping of backend "b" needs either claim or matcher`,
    ],
    [
      `region: eu-central-1, roleMappings: [{roleArn: "${ROLE}", claim: a, matcher: "true"}]`,
      `${AT}.roleMappings[0]: a role mapping of backend "b" needs either claim or matcher`,
    ],
    [
      `region: eu-central-1, roleMappings: [{roleArn: "${ROLE}", matcher: 'claims.sub == "a" && group == "b"'}]`,
      `${AT}.roleMappings[0].matcher: not an expression over claims: there is no group; the claims of the caller are in claims (line 1, column 22 of the expression)`,
    ],
    [
      `region: eu-central-1, roleMappings: [{roleArn: "${ROLE}", matcher: 'claims.sub.matches("(a")'}]`,
      `${AT}.roleMappings[0].matcher: not an expression over claims: is not a pattern in RE2 syntax (line 1, column 20 of the expression)`,
    ],
    [
      `${GOOD}, subjectProviderName: okta`,
      `${AT}.subjectProviderName: the key subjectProviderName (there is no embedded authorization server) is not supported by this version of vmcp`,
    ],
  ])('%s', (block, error) => {
    expect(said('error', sts(block))).toContain(error)
  })

  it.each([
    GOOD,
    `region: us-gov-west-1, fallbackRoleArn: "arn:aws-us-gov:iam::123456789012:role/team/a/Reader", sessionDuration: 43200`,
    `${GOOD}, stsEndpoint: "http://127.0.0.1:4566/", service: bedrock-agentcore`,
    `region: cn-north-1, roleMappings: [{roleArn: "arn:aws-cn:iam::123456789012:role/R", matcher: '"a" in claims.groups', priority: 0}]`,
  ])('%s is right', (block) => {
    expect(faultsIn(sts(block))).toEqual([])
  })

  it('points at the line and the column of a bad expression', () => {
    const text = `name: demo
groupRef: dev
incomingAuth: {type: anonymous}
outgoingAuth:
  source: inline
  backends:
    b:
      type: aws_sts
      awsSts:
        region: eu-central-1
        roleMappings:
          - roleArn: ${ROLE}
            matcher: claims.sub ==
aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: x}}
`
    expect(parse(text).diagnostics).toContainEqual(
      expect.objectContaining({ line: 13, column: 22, path: `${AT}.roleMappings[0].matcher` }),
    )
  })

  it('warns of a mapping that is never reached', () => {
    const mappings = `[{roleArn: "${ROLE}", claim: a}, {roleArn: "${ROLE}", claim: a, priority: 5}]`
    expect(said('warning', sts(`region: eu-central-1, roleMappings: ${mappings}`))).toEqual([
      'outgoingAuth.backends.b.type: no call will have credentials: callers have no tokens with incomingAuth.type anonymous',
      `${AT}.roleMappings[0]: is never reached: another mapping for a comes before it`,
    ])
  })

  it('is the same in the older spelling', () => {
    const old = withBlock(
      'outgoingAuth',
      `{source: inline, backends: {b: {type: aws_sts, aws_sts: {region: eu-central-1, fallback_role_arn: "${ROLE}",
        role_mappings: [{claim: a, role_arn: "${ROLE}", priority: 1}], role_claim: roles, session_duration: 900,
        session_name_claim: email, sts_endpoint: "https://sts.example/", ca_bundle_path: /etc/ca.pem}}}}`,
    )
    const result = parse(old)
    expect(said('error', old)).toEqual([])
    expect(result.ok && result.defaults.auths.get('b')).toEqual({
      type: 'aws_sts',
      region: 'eu-central-1',
      service: 'aws-mcp',
      stsEndpoint: 'https://sts.example/',
      caBundlePath: '/etc/ca.pem',
      fallbackRoleArn: ROLE,
      roleMappings: [{ when: { claim: 'a' }, roleArn: ROLE, priority: 1 }],
      roleClaim: 'roles',
      sessionNameClaim: 'email',
      sessionSeconds: 900,
    })
  })
})
