import { z } from 'zod'
import { ASSERTION_ALGORITHMS } from '../../core/mapped-claims-config.ts'
import { absolutePath, duration, envName, flag, headerName, headerValue, list, text } from './scalars.ts'

const LEAST_LIFETIME_MS = 10_000

const header = z.strictObject({
  claim: text('The claim; a path with dots is allowed.'),
  header: headerName(
    'The header that it is sent in. What clients send under this name is never let through.',
  ),
  required: flag('Refuse callers without the claim.', false),
  encoding: z
    .enum(['plain', 'percent'])
    .default('plain')
    .describe(
      'plain: visible ASCII as it is, and callers are refused whose claim has anything else in it. percent: UTF-8 with %XX, as in URLs.',
    ),
  separator: z
    .string()
    .regex(/^[,;| ]{1,2}$/, { error: 'expected one or two of comma, semicolon, bar and space' })
    .default(',')
    .describe('Between the items of a list.'),
})

const jwt = z
  .strictObject({
    header: headerName('The header that it is sent in.'),
    headerFormat: headerValue('What is sent, with {token} in the place of the token.')
      .refine((format) => format.includes('{token}'), { error: 'must contain {token}' })
      .default('{token}'),
    issuer: text('Who we are: iss.'),
    audience: text('Whom it is for: aud.'),
    lifetime: duration(
      'How long one is good for, at most 1h. It is sent for half of that time.',
      LEAST_LIFETIME_MS,
    )
      .refine((ms) => ms <= 3_600_000, { error: 'must be at most 1h' })
      .prefault('60s'),
    algorithm: z.enum(ASSERTION_ALGORITHMS).default('ES256').describe('How it is signed.'),
    keyFile: absolutePath('File with the private key, as PEM. Others may not read it.').optional(),
    keyEnv: envName('Environment variable that holds the private key, as PEM.').optional(),
    keyId: text('Its kid; the RFC 7638 thumbprint of the key when absent.').optional(),
    claims: list('Claims of the caller that it says beside sub; paths with dots are allowed.').optional(),
  })
  .describe('A JWT about the caller, signed by this server.')

export const mappedClaims = z
  .strictObject({
    headers: z.array(header).optional().describe('Claims of the caller, each in a header of its own.'),
    jwt: jwt.optional(),
  })
  .describe('The backend is told who the caller is.')

export type MappedClaimsInput = z.output<typeof mappedClaims>
