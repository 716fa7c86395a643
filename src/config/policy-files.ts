import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { PolicyText } from '../core/authorization.ts'
import { type Diagnostic, fileError } from './diagnostics.ts'
import { child, items, type Place, textAt } from './place.ts'
import { position, vocabularyOf } from './rules/cedar.ts'
import { policyFaults } from './rules/policy-text.ts'

const MOST_BYTES = 1024 * 1024

export interface PolicyFiles {
  readonly policies: readonly PolicyText[]
  readonly diagnostics: readonly Diagnostic[]
  /** Absolute. */
  readonly files: readonly string[]
}

/** Reads and judges the files that `incomingAuth.authz.policyFiles` names. Never rejects. */
export async function readPolicyFiles(root: Place, configFile: string): Promise<PolicyFiles> {
  const authz = child(root, 'incomingAuth', 'authz')
  const names = items(child(authz, 'policyFiles')).flatMap((place) => textAt(place) ?? [])
  if (names.length === 0 || child(authz, 'type').value !== 'cedar')
    return { policies: [], diagnostics: [], files: [] }
  const files = names.map((name) => resolve(dirname(configFile), name))
  const policies: PolicyText[] = []
  const diagnostics: Diagnostic[] = []
  for (const file of files) {
    const text = await textOf(file)
    if (typeof text !== 'string') diagnostics.push(text)
    else {
      policies.push({ text, place: file })
      for (const { message, hint, offset = 0 } of policyFaults(text, vocabularyOf(authz)))
        diagnostics.push({
          ...fileError(file, message, hint),
          ...position(text, offset),
          path: 'incomingAuth.authz.policyFiles',
        })
    }
  }
  return { policies, diagnostics, files }
}

async function textOf(file: string): Promise<string | Diagnostic> {
  try {
    const bytes = await readFile(file)
    if (bytes.length > MOST_BYTES) return fileError(file, `the file is larger than ${MOST_BYTES} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    return fileError(file, `the policies cannot be read: ${code ?? 'it is not UTF-8'}`)
  }
}
