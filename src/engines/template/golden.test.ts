import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseTemplate, TemplateError } from './index.ts'

interface Outcome {
  readonly output?: string
  readonly error?: string
}

interface Case {
  readonly group: string
  readonly template: string
  readonly data: string
  readonly go: Outcome
  readonly vmcp?: Outcome
  readonly reason?: string
}

interface Corpus {
  readonly data: Readonly<Record<string, unknown>>
  readonly cases: readonly Case[]
}

const { data, cases } = JSON.parse(
  readFileSync(new URL('./golden/corpus.json', import.meta.url), 'utf8'),
) as Corpus
const same = cases.filter(({ vmcp }) => vmcp === undefined)
const different = cases.filter(({ vmcp }) => vmcp !== undefined)

function outcome({ template, data: name }: Case): Outcome {
  try {
    return { output: parseTemplate(template).render(data[name]) }
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.code }
    throw error
  }
}

describe.each([...new Set(same.map(({ group }) => group))])('as Go does it: %s', (group) => {
  it.each(same.filter((entry) => entry.group === group))('$template on $data', (entry) => {
    const got = outcome(entry)
    if (entry.go.error === undefined) expect(got).toEqual(entry.go)
    else expect(got).toEqual({ error: expect.any(String) })
  })
})

describe('otherwise than Go, on purpose', () => {
  it.each(different)('$template: $reason', (entry) => {
    expect(outcome(entry)).toEqual(entry.vmcp)
  })

  it.each(different)('$template is no difference by mistake', ({ go, vmcp }) => {
    expect(go.output).not.toEqual(vmcp?.output ?? null)
    expect(go.error !== undefined && vmcp?.error !== undefined).toBe(false)
  })
})

it('covers at least 300 templates', () => {
  expect(same.length).toBeGreaterThan(300)
})
