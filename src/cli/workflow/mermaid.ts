import type { Outline, OutlineStep } from '../../workflows/outline.ts'
import { labelOf } from './labels.ts'

const LONGEST_LINE = 60

/** Words that Mermaid does not take for names of nodes, whatever their case. */
const RESERVED =
  /^(end|graph|flowchart|subgraph|direction|style|linkstyle|class|classdef|click|default|call|href|o|x)$/i

const SHAPES: Readonly<Record<OutlineStep['type'], readonly [string, string]>> = {
  tool: ['["', '"]'],
  elicitation: ['{{"', '"}}'],
  forEach: ['[["', '"]]'],
}

/** A flowchart: tools are boxes, questions hexagons, loops boxes with double sides; what has a condition is dashed. */
export function mermaid({ steps }: Outline): string {
  const names = new Map(steps.map(({ id }, at) => [id, nodeName(id, at)]))
  const conditional = steps.filter(({ condition }) => condition !== undefined)
  const lines = [
    'flowchart TD',
    ...steps.map((step) => `  ${names.get(step.id)}${shaped(step)}`),
    ...steps.flatMap(({ id, dependsOn }) =>
      dependsOn.map((need) => `  ${names.get(need)} --> ${names.get(id)}`),
    ),
  ]
  if (conditional.length > 0) {
    lines.push('  classDef conditional stroke-dasharray: 5 4')
    lines.push(`  class ${conditional.map(({ id }) => names.get(id)).join(',')} conditional`)
  }
  return lines.join('\n')
}

function nodeName(id: string, at: number): string {
  return /^[A-Za-z]\w*$/.test(id) && !RESERVED.test(id) ? id : `step${at + 1}_${id.replaceAll(/\W/g, '_')}`
}

function shaped(step: OutlineStep): string {
  const [id = '', ...more] = labelOf(step).map((line) => escaped(cut(line)))
  const [open, close] = SHAPES[step.type]
  return `${open}<b>${id}</b>${more.map((line) => `<br/>${line}`).join('')}${close}`
}

function cut(line: string): string {
  const letters = [...line]
  return letters.length <= LONGEST_LINE ? line : `${letters.slice(0, LONGEST_LINE - 1).join('')}…`
}

/** By Mermaid's entity codes: `#` and the number of the character. */
function escaped(text: string): string {
  return text.replaceAll(/[^\w .,:;!?()/+*=…×-]/gu, (letter) => `#${letter.codePointAt(0)};`)
}
