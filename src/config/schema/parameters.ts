import { z } from 'zod'
import { text } from './scalars.ts'

const url = z
  .strictObject({
    schemes: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9+.-]*$/, { error: 'expected a scheme such as https, without a colon' }),
      )
      .min(1)
      .optional()
      .describe('Schemes that are allowed, such as https.'),
    hosts: z
      .array(
        z.string().regex(/^(\*\.)?[^\s/@:*]+$|^[0-9A-Fa-f:.]+$/, {
          error: 'expected a host name, or *. and a domain for all that is below it',
        }),
      )
      .min(1)
      .optional()
      .describe('Hosts that are allowed: names, *.example.com for all below it, or addresses.'),
    ports: z.array(z.int().min(1).max(65_535)).min(1).optional().describe('Ports that are allowed.'),
    denyPrivate: z
      .boolean()
      .optional()
      .describe('Refuses addresses of private networks, and names that lead to them.'),
  })
  .describe('The text is a URL, and where it may lead.')

const parameter = z
  .strictObject({
    default: z.unknown().optional().describe('Sent where the caller gives none.'),
    value: z.unknown().optional().describe('Always sent; callers neither see the parameter nor may give it.'),
    hide: z.boolean().optional().describe('Callers neither see the parameter nor may give it.'),
    rename: text('What callers call it.').optional(),
    description: text('New description.').optional(),
    enum: z.array(z.unknown()).min(1).optional().describe('Values that may be given.'),
    pattern: text(
      'RE2 pattern that is found in the text; anchor it with ^ and $ for the whole of it.',
    ).optional(),
    minimum: z.number().optional().describe('Least number.'),
    maximum: z.number().optional().describe('Greatest number.'),
    maxLength: z.int().min(0).optional().describe('Most characters of a text.'),
    url: url.optional(),
    map: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Names that callers give, and what the backend gets for each.'),
  })
  .describe('What is changed of one parameter. At least one key.')

/** By the backend's own parameter name. */
export const parameters = z
  .record(z.string(), parameter)
  .describe('What is changed of the tool’s parameters, by the backend’s own parameter name.')
