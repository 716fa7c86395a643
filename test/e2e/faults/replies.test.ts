import { beforeAll, expect, test } from 'vitest'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { FaultName } from '../../fixtures/faults/faults.ts'
import {
  type Clients,
  callFault,
  ERAS,
  echo,
  FaultStage,
  WIRE_NAMES,
  type WireName,
} from '../../fixtures/faults/stage.ts'

const HTTP: readonly WireName[] = WIRE_NAMES.filter((wire) => /json|events/.test(wire))

const stage = closedAfterAll(new FaultStage())
let clients: Clients
beforeAll(async () => {
  const timeouts = Object.fromEntries(HTTP.map((wire) => [wire, '5s']))
  await stage.startOver(HTTP, { timeouts })
  clients = await stage.clients()
})
const RAN = 'the call may or may not have run'

const CASES: readonly [what: string, fault: FaultName, more: object, said: RegExp][] = [
  ['a 500', 'status', { status: 500 }, new RegExp(`answered 500: the server.*failed; ${RAN}$`)],
  ['a 503', 'status', { status: 503 }, new RegExp(`answered 503: .*${RAN}$`)],
  ['a 401', 'status', { status: 401 }, /answered 401: .*configure outgoing authentication[^;]*$/],
  ['a 429', 'status', { status: 429 }, /answered 429: it limits our rate; try again later$/],
  ['a 202 without a message', 'status', { status: 202 }, new RegExp(`HTTP 202 and no message; ${RAN}$`)],
  ['a redirect', 'redirect', {}, /answered 307: redirects are not followed; put the final address[^;]*$/],
  ['a web page', 'html', {}, new RegExp(`something that is not a JSON-RPC response; ${RAN}$`)],
  ['headers of 60 KB', 'headers', {}, new RegExp(`headers are larger than 16 KB\\); ${RAN}$`)],
  ['an error without end', 'endlessError', {}, new RegExp(`answered 500: .*${RAN}$`)],
]

test.each(CASES)(
  '%s for an answer is told as what it is, and the next call is fine',
  async (_, fault, more, said) => {
    const told = HTTP.flatMap((wire) =>
      ERAS.map(async (era) => {
        const client = clients[era]
        const { message } = await callFault(client, wire, fault, { to: stage.url, ...more })
        expect(message.error?.message, `${wire} ${era}`).toMatch(said)
        expect(message.error?.message).toContain(`backend '${wire}'`)
        expect(await echo(client, wire, 'again')).toBe('again')
      }),
    )
    await Promise.all(told)
    await stage.unharmed()
  },
)
