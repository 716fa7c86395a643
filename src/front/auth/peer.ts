import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { endianness } from 'node:os'

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6']
const OVERFLOW = '/proc/sys/kernel/overflowuid'
const MAP = '/proc/self/uid_map'
/** All users of the machine are users here (user_namespaces(7)). */
const WHOLE = /^\s*0\s+0\s+4294967295\s*$/
const WORD = 8
const V4_IN_V6 = '0000000000000000FFFF0000'

/** One end of a connection. */
export interface End {
  readonly address: string
  readonly port: number
}

/**
 * Whose process is at the other end of a connection on this machine, as the kernel has it (Linux, proc(5)): the id
 * of a user; `undefined` where there is no telling.
 */
export async function peerUser(socket: Socket): Promise<number | undefined> {
  const { remoteAddress, remotePort, localAddress, localPort } = socket
  if (remoteAddress === undefined || localAddress === undefined) return undefined
  const peer = { address: remoteAddress, port: remotePort ?? 0 }
  const own = { address: localAddress, port: localPort ?? 0 }
  for (const table of TABLES) {
    const found = userIn(await textOf(table), peer, own)
    if (found === undefined) continue
    return isSomebody(found, await textOf(OVERFLOW), await textOf(MAP)) ? found : undefined
  }
  return undefined
}

/**
 * Whether an id is that of one user. In a container that knows some users of the machine only, all others go by one
 * and the same id.
 */
export function isSomebody(user: number, overflow: string, map: string): boolean {
  return user !== Number(overflow || Number.NaN) || WHOLE.test(map)
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'latin1').catch(() => '')
}

/** The user in the line of a table for the connection from `peer` to `own`. */
export function userIn(table: string, peer: End, own: End): number | undefined {
  const wanted = `${written(peer)} ${written(own)}`
  for (const line of table.split('\n').slice(1)) {
    const [, local, remote, , , , , user] = line.trim().split(/\s+/)
    if (local === undefined || remote === undefined) continue
    if (`${plain(local)} ${plain(remote)}` === wanted) return Number(user)
  }
  return undefined
}

/** As the table has it, of IPv4 where it can be. */
function plain(end: string): string {
  return end.startsWith(V4_IN_V6) ? end.slice(V4_IN_V6.length) : end
}

function written({ address, port }: End): string {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return `${plainAddress(address)}:${hex}`
}

/** Words of four bytes, each in the order of the machine. */
function plainAddress(address: string): string {
  const v4 = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const bytes = v4 === null ? bytesOf(address) : v4.slice(1).map(Number)
  const hex = bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
  const words = Array.from({ length: hex.length / 4 }, (_, at) => hex.slice(at * 4, at * 4 + 4))
  return words
    .map((word) => (endianness() === 'LE' ? word.reverse() : word).join(''))
    .join('')
    .slice(-4 * WORD)
}

function bytesOf(address: string): number[] {
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const last = tail === undefined ? [] : groups(tail)
  const first = groups(head)
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0')
  return [...first, ...zeros, ...last].flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
