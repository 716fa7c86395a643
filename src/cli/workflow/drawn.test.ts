import { expect, it } from 'vitest'
import { outlineOf } from '../../workflows/outline.ts'
import { drawn } from './drawn.ts'

const UTF8 = { LANG: 'en_US.UTF-8' }
const outline = outlineOf({
  name: 'release',
  description: 'Releases',
  steps: [
    {
      type: 'tool',
      id: 'end',
      tool: 'ci.build',
      onError: { action: 'retry', retryCount: 2, retryDelayMs: 500 },
    },
    {
      type: 'elicitation',
      id: 'ask-first',
      dependsOn: ['end'],
      message: 'Release "{{ .params.v }}" <now>?',
      schema: {},
      onDecline: 'skip_remaining',
      onCancel: 'continue',
    },
    {
      type: 'forEach',
      id: 'ship',
      dependsOn: ['ask-first'],
      collection: '{{ json .params.hosts }}',
      itemVar: 'host',
      condition: '{{ .params.ship }}',
      onError: { action: 'continue' },
      step: { tool: 'ci.ship', condition: '{{ .forEach.host.up }}' },
    },
  ],
})

it('is a flowchart for Mermaid where it goes to no terminal', () => {
  expect(drawn(outline, { format: undefined, columns: undefined, env: UTF8 })).toBe(
    [
      'flowchart TD',
      '  step1_end["<b>end</b><br/>ci.build<br/>on error: retry 2×, first after 500 ms"]',
      '  step2_ask_first{{"<b>ask-first</b><br/>asks: Release #34;#123;#123; .params.v #125;#125;#34; #60;now#62;?<br/>declined: skip the rest<br/>no answer: go on"}}',
      '  ship[["<b>ship</b><br/>for each host of json .params.hosts<br/>ci.ship, 10 at once<br/>item if .forEach.host.up<br/>if .params.ship<br/>on error: go on"]]',
      '  step1_end --> step2_ask_first',
      '  step2_ask_first --> ship',
      '  classDef conditional stroke-dasharray: 5 4',
      '  class ship conditional',
    ].join('\n'),
  )
})

it('is a picture on a terminal, in plain ASCII where the locale knows no more', () => {
  expect(drawn(outline, { format: undefined, columns: 80, env: UTF8 })).toContain('┌───')
  const plain = drawn(outline, { format: 'picture', columns: undefined, env: { LANG: 'C' } })
  expect(plain).toContain('| on error: retry 2x, first after 500 ms |')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is about
  expect(plain).toMatch(/^[\x00-\x7f]*$/)
})

it('is a list where a picture has no room', () => {
  const text = drawn(outline, { format: 'picture', columns: 10, env: UTF8 })
  expect(text.split('\n').slice(0, 7)).toEqual([
    '1.',
    '   end',
    '     ci.build',
    '     on error: retry 2×, first after 500 ms',
    '2.',
    '   ask-first',
    '     asks: Release "{{ .params.v }}" <now>?',
  ])
})
