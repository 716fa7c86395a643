import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import type { Json } from '../../fixtures/fixture.ts'

export type Era = 'legacy' | 'modern'

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** A client of either era with these headers on all of its requests. */
export async function open(
  url: string,
  era: Era,
  headers: Readonly<Record<string, string>> = {},
): Promise<LegacyClient | ModernClient> {
  return era === 'legacy' ? LegacyClient.open(url, { headers }) : new ModernClient(url, { headers })
}

/** What a tool says to the client: its text, or why it has none. */
export async function say(
  client: LegacyClient | ModernClient,
  name: string,
  args: Json = {},
): Promise<string> {
  const { message, text } = await client.request('tools/call', { name, arguments: args })
  const [block] = (message.result?.content ?? []) as { text?: string }[]
  return block?.text ?? message.error?.message ?? text
}

/** The headers that a backend has seen with a call of `headers`. */
export async function seen(
  client: LegacyClient | ModernClient,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  const text = await say(client, name)
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(text)
  }
}
