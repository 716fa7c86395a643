import { userInfo } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { localUser } from '../../core/caller.ts'
import { silent } from '../../core/log.ts'
import { echo, memoryGateway, type Served, serve } from '../testing.ts'
import { createIncoming } from './index.ts'
import { onlyFor } from './local.ts'
import { isSomebody, userIn } from './peer.ts'

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1183 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 0000 100 0 0 10 0
   1: 0100007F:1183 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0000 20 4 30 10 -1
   2: 0100007F:9C40 0100007F:1183 01 00000000:00000000 00:00000000 00000000  1000        0 103 1 0000 20 4 30 10 -1
`
const TABLE_6 = `  sl  local_address                         remote_address                        st tx rx tr tm->when retrnsmt uid
   0: 0000000000000000FFFF00000100007F:9C41 0000000000000000FFFF00000100007F:1183 01 0:0 00:0 0  1001 0 1
   1: 00000000000000000000000001000000:9C42 00000000000000000000000001000000:1183 01 0:0 00:0 0  1002 0 1
`

describe('the table of connections', () => {
  const own = (address: string) => ({ address, port: 0x1183 })
  it('tells whose process is at the other end', () => {
    expect(userIn(TABLE, { address: '127.0.0.1', port: 0x9c40 }, own('127.0.0.1'))).toBe(1000)
    expect(userIn(TABLE_6, { address: '::ffff:127.0.0.1', port: 0x9c41 }, own('::ffff:127.0.0.1'))).toBe(1001)
    expect(userIn(TABLE_6, { address: '::1', port: 0x9c42 }, own('::1'))).toBe(1002)
  })

  it('tells nothing of connections that are not in it', () => {
    expect(userIn(TABLE, { address: '127.0.0.1', port: 1 }, own('127.0.0.1'))).toBeUndefined()
    expect(userIn('', { address: '127.0.0.1', port: 0x9c40 }, own('127.0.0.1'))).toBeUndefined()
  })
})

describe('the id that the kernel gives to all users whom a container does not know', () => {
  it.each([
    [1000, '65534\n', '0 100000 65536\n', true],
    [65534, '65534\n', '0 100000 65536\n', false],
    [65534, '65534\n', '         0          0 4294967295\n', true],
    [65534, '65534\n', '', false],
  ])('%i is somebody where it is %j, with the map %j: %s', (user, overflow, map, told) => {
    expect(isSomebody(user, overflow, map)).toBe(told)
  })
})

describe('a server of the local user', () => {
  let served: Served
  afterEach(() => served.close())

  it('lets that user in, by name', async () => {
    const { authenticate } = await createIncoming({ type: 'local' }, { log: silent, name: () => 'test' })
    const gateway = memoryGateway()
    gateway.tool('echo', echo)
    served = await serve(gateway, { authenticate })
    for (let times = 0; times < 2; times++)
      expect((await served.modern('tools/call', { name: 'echo', arguments: {} })).status).toBe(200)
    expect(gateway.callers.at(-1)?.principal).toMatchObject({
      issuer: 'vmcp-local',
      subject: userInfo().username,
    })
  })

  it.each([[4711], [undefined]])('refuses another one, and who cannot be told (%s)', async (user) => {
    served = await serve(memoryGateway(), { authenticate: onlyFor(1000, localUser('me'), async () => user) })
    const reply = await served.modern('tools/list')
    expect(reply.status).toBe(401)
    expect(await reply.json()).toMatchObject({
      error_description: 'this server is for another user of the machine',
    })
  })
})
