import { afterEach, beforeEach, expect, it } from 'vitest'
import { callerWith, Desk, open } from './testing.ts'

let desk: Desk
let fixture: ReturnType<typeof open>

beforeEach(async () => {
  desk = await Desk.start()
  fixture = open({
    type: 'client_credentials',
    endpoint: desk.endpoint({ client: { id: 'c', secret: 's', method: 'client_secret_basic' } }),
    resource: 'https://b.example/mcp',
    scopes: ['read'],
  })
})
afterEach(async () => {
  await fixture.keyring.close()
  await desk.close()
})

it('a token of the gateway is got once, and sent for everybody', async () => {
  const { sent, credentials } = fixture
  const callers = [callerWith('a'), callerWith('b', 'bob'), undefined]
  const all = await Promise.all(callers.map((caller) => sent(caller)))
  expect(all).toEqual(callers.map(() => ({ 'x-team': 'blue', authorization: 'Bearer got-1' })))
  expect(sent(undefined)).not.toBeInstanceOf(Promise)
  expect(credentials.ofCaller).toBe(false)
  expect(desk.asked.map(({ form }) => form)).toEqual([
    { grant_type: 'client_credentials', resource: 'https://b.example/mcp', scope: 'read' },
  ])
})

it('a token of the gateway that was refused is replaced, whoever sent it', async () => {
  const { token, refuse } = fixture
  await token(undefined)
  expect(await refuse('got-1', { caller: callerWith('a') })).toBe(true)
  expect(await token(undefined)).toBe('got-2')
  expect(await refuse('got-2')).toBe(false)
})
