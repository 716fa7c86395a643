import { describe, expect, it } from 'vitest'
import type { Ask } from '../../core/call.ts'
import { ANONYMOUS, type Caller } from '../../core/caller.ts'
import { RawObject } from '../../core/raw.ts'
import { requireCapability } from './capability.ts'

function callerWith(capabilities: object): Caller {
  return {
    principal: ANONYMOUS,
    era: 'legacy',
    version: '2025-11-25',
    session: 's',
    client: {},
    capabilities: { ...capabilities },
    logLevel: undefined,
    headers: {},
  }
}

function ask(method: Ask['method'], params: object = {}): Ask {
  return { method, params: RawObject.of(params) }
}

const FORM = ask('elicitation/create', { message: 'name?' })
const EXPLICIT = ask('elicitation/create', { mode: 'form' })
const URL = ask('elicitation/create', { mode: 'url' })
const SAMPLE = ask('sampling/createMessage', { messages: [] })
const TOOLS = ask('sampling/createMessage', { tools: [] })
const CHOICE = ask('sampling/createMessage', { toolChoice: { mode: 'auto' } })
const ROOTS = ask('roots/list')
const TASK = ask('tasks/get', { taskId: 't' })

describe('a client is asked', () => {
  it.each([
    ['by a form', FORM, { elicitation: {} }],
    ['by a form', FORM, { elicitation: { form: {} } }],
    ['by a form', FORM, { elicitation: { applyDefaults: true } }],
    ['by a form', EXPLICIT, { elicitation: { form: {}, url: {} } }],
    ['by URL', URL, { elicitation: { url: {} } }],
    ['to sample', SAMPLE, { sampling: {} }],
    ['to sample with tools', TOOLS, { sampling: { tools: {} } }],
    ['to sample with tools', CHOICE, { sampling: { tools: {} } }],
    ['for its roots', ROOTS, { roots: {} }],
    ['about its task', TASK, { tasks: {} }],
  ])('%s when it has declared that: %#', (_, request, capabilities) => {
    expect(() => requireCapability(callerWith(capabilities), request)).not.toThrow()
  })
})

describe('a client is not asked, and the error says what it would have to declare:', () => {
  it.each([
    [FORM, {}, { elicitation: { form: {} } }],
    [FORM, { elicitation: { url: {} } }, { elicitation: { form: {} } }],
    [URL, { elicitation: {} }, { elicitation: { url: {} } }],
    [URL, { elicitation: { form: {} } }, { elicitation: { url: {} } }],
    [URL, { elicitation: 'yes' }, { elicitation: { url: {} } }],
    [SAMPLE, { elicitation: {} }, { sampling: {} }],
    [TOOLS, { sampling: {} }, { sampling: { tools: {} } }],
    [CHOICE, { sampling: { context: {} } }, { sampling: { tools: {} } }],
    [ROOTS, { sampling: {} }, { roots: {} }],
    [TASK, {}, { tasks: {} }],
  ])('%#', (request, capabilities, requiredCapabilities) => {
    try {
      requireCapability(callerWith(capabilities), request)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'capability_required', data: { requiredCapabilities } })
      expect(String(error)).toContain(request.method)
    }
  })
})
