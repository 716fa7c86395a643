import { access, constants, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Diagnostic } from '../config/diagnostics.ts'
import { formatPath, type Path } from '../config/path.ts'
import type { SourceIndex } from '../config/source.ts'

/** What `serve` would find wrong with files of this machine after it has read the configuration. */
export async function machineFaults(source: SourceIndex): Promise<Diagnostic[]> {
  const found = [...(await bundleFaults(source)), await auditFault(source)]
  return found.filter((fault) => fault !== undefined)
}

async function bundleFaults(source: SourceIndex): Promise<Diagnostic[]> {
  const faults: Diagnostic[] = []
  for (const [path, file] of bundles(source.value([]), [])) {
    const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => cause)
    if (typeof text !== 'string') faults.push(fault(source, path, `cannot read ${file} (${text.code})`))
    else if (!text.includes('-----BEGIN CERTIFICATE-----'))
      faults.push(fault(source, path, `${file} holds no certificate in PEM`))
  }
  return faults
}

const BUNDLES: readonly string[] = ['caBundlePath', 'caCertPath']

/** Wherever certificate authorities are named. */
function* bundles(value: unknown, path: Path): Iterable<[Path, string]> {
  if (typeof value !== 'object' || value === null) return
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  for (const [key, member] of members) {
    if (typeof member === 'string' && BUNDLES.includes(String(key))) yield [[...path, key], member]
    else yield* bundles(member, [...path, key])
  }
}

async function auditFault(source: SourceIndex): Promise<Diagnostic | undefined> {
  const path = ['audit', 'logFile']
  const file = source.value(path)
  if (typeof file !== 'string') return undefined
  const reason = await unwritable(file)
  if (reason === undefined) return undefined
  // The file may be meant for another machine, which has the folder.
  return {
    ...fault(source, path, `serve would fail on this machine: ${reason}`),
    severity: 'warning',
  }
}

async function unwritable(file: string): Promise<string | undefined> {
  const there = await stat(file).catch(() => undefined)
  if (there?.isDirectory()) return `${file} is a folder`
  const place = there === undefined ? dirname(file) : file
  return access(place, constants.W_OK).then(
    () => undefined,
    ({ code }: NodeJS.ErrnoException) =>
      code === 'ENOENT' ? `there is no folder ${place}` : `${place} cannot be written (${code})`,
  )
}

function fault(source: SourceIndex, path: Path, message: string): Diagnostic {
  return { severity: 'error', file: source.file, ...source.at(path), path: formatPath(path), message }
}
