import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../core/catalog.ts'
import { annotationsOf, unkeptPromises } from './annotations.ts'
import { testTool } from './testing.ts'

const of = (...all: (JsonObject | undefined)[]) =>
  all.map((annotations, i) => testTool(`b.t${i}`, undefined, { definition: { annotations } }).item)

const READS = { readOnlyHint: true, openWorldHint: false }
const WRITES = { readOnlyHint: false, destructiveHint: false, openWorldHint: false }
const DESTROYS = { destructiveHint: true, openWorldHint: true }

describe('a composite tool says of itself', () => {
  test.each<
    [string, (JsonObject | undefined)[], [readOnly: boolean, destructive: boolean, openWorld: boolean]]
  >([
    ['that it only reads, when all its tools do', [READS, READS], [true, false, false]],
    ['that it changes something, when one of them does', [READS, WRITES], [false, false, false]],
    ['that it destroys and reaches out, when one of them does', [READS, DESTROYS], [false, true, true]],
    ['the worst of tools that say nothing', [READS, undefined], [false, true, true]],
    [
      'that it destroys, when a tool that only reads says so',
      [{ ...READS, destructiveHint: true }],
      [true, true, false],
    ],
    ['that it is harmless, when it calls nothing', [], [true, false, false]],
  ])('%s', (_, tools, [readOnlyHint, destructiveHint, openWorldHint]) => {
    const expected = { readOnlyHint, destructiveHint, openWorldHint, idempotentHint: false }
    expect(annotationsOf({}, of(...tools))).toEqual(expected)
  })

  test('what its author wrote', () => {
    expect(annotationsOf({ title: 'T', destructiveHint: true }, of(READS))).toMatchObject({
      title: 'T',
      destructiveHint: true,
      readOnlyHint: true,
    })
  })
})

describe('an author promises too much with', () => {
  test.each<[JsonObject, JsonObject | undefined, string]>([
    [
      { readOnlyHint: true },
      WRITES,
      "readOnlyHint: true promises too much: 'b_t0' does not say that it changes",
    ],
    [{ destructiveHint: false }, DESTROYS, "destructiveHint: false promises too much: 'b_t0'"],
    [{ openWorldHint: false }, undefined, "openWorldHint: false promises too much: 'b_t0'"],
    [{ idempotentHint: true }, { idempotentHint: true }, 'idempotentHint: true promises too much'],
  ])('%o', (written, tool, expected) => {
    expect(unkeptPromises(written, of(tool))).toEqual([expect.stringContaining(expected)])
  })

  test('nothing that the tools keep, and nothing that is stricter than they are', () => {
    expect(
      unkeptPromises({ readOnlyHint: true, openWorldHint: false, destructiveHint: false }, of(READS)),
    ).toEqual([])
    expect(
      unkeptPromises({ readOnlyHint: false, destructiveHint: true, openWorldHint: true }, of(READS)),
    ).toEqual([])
  })
})
