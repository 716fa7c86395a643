import { printable } from '../../observe/printable.ts'
import type { OutlineStep } from '../../workflows/outline.ts'

type Refusal = NonNullable<OutlineStep['asks']>['onDecline']
type OnError = OutlineStep['onError']

/** What a drawing says of a step, line by line: its name first, then what it does, then when and what if not. */
export function labelOf(step: OutlineStep): readonly string[] {
  return [step.id, ...actionOf(step), ...guardsOf(step)].map(oneLine)
}

function actionOf({ tool = '', asks, loop }: OutlineStep): string[] {
  if (asks !== undefined) return [`asks: ${asks.message}`]
  if (loop === undefined) return [tool]
  const each = [
    `for each ${loop.itemVar} of ${bare(loop.collection)}`,
    `${tool}, ${loop.maxParallel} at once`,
  ]
  return [...each, ...conditionOf('item ', loop), ...errorOf('item ', loop.onError)]
}

/** When a step runs, and what follows where it fails or is refused. What is not said is usual: the run fails. */
export function guardsOf(step: OutlineStep): string[] {
  const { asks } = step
  const refusals =
    asks === undefined ? [] : [refusal('declined', asks.onDecline), refusal('no answer', asks.onCancel)]
  return [...conditionOf('', step), ...refusals.flat(), ...errorOf('', step.onError)]
}

function conditionOf(of: string, { condition }: Pick<OutlineStep, 'condition'>): string[] {
  return condition === undefined ? [] : [`${of}if ${bare(condition)}`]
}

function errorOf(of: string, onError: OnError): string[] {
  switch (onError.action) {
    case 'abort':
      return []
    case 'continue':
      return [`${of}on error: go on`]
    case 'retry':
      return [`${of}on error: retry ${onError.retryCount}×, first after ${seconds(onError.retryDelayMs)}`]
  }
}

const REFUSALS: Readonly<Record<Refusal, string | undefined>> = {
  abort: undefined,
  continue: 'go on',
  skip_remaining: 'skip the rest',
}

function refusal(how: string, what: Refusal): string[] {
  const words = REFUSALS[what]
  return words === undefined ? [] : [`${how}: ${words}`]
}

/** A template that is one action, without its braces. */
export function bare(template: string): string {
  const inner = /^\s*\{\{-?([\s\S]*?)-?\}\}\s*$/.exec(template)?.[1]
  return inner === undefined || inner.includes('{{') ? template : inner.trim()
}

export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim())
}
