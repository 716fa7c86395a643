import type { Catalog, JsonObject } from '../core/catalog.ts'
import type { CompositeToolConfig } from '../core/composite.ts'
import { schemaReader } from '../engines/schema/index.ts'
import { coerce, defineWorkflow, plan, type Step } from '../engines/workflow/index.ts'
import { iterationData, templateData, viewOf } from '../engines/workflow/scope.ts'
import type { StepTools } from '../layers/composition/step-tools.ts'
import { createTemplates } from '../layers/composition/templates.ts'
import { type Draft, Drafts } from './draft.ts'
import { stepToolsOf } from './step-tools.ts'

/** What a run would do, as far as it is known before it. */
export interface Preview {
  readonly arguments: JsonObject
  /** Those of one wave wait for earlier waves only. */
  readonly waves: readonly (readonly PreviewStep[])[]
  /** Whether nothing is known that would make it fail. */
  readonly ok: boolean
}

export interface PreviewStep {
  readonly id: string
  readonly type: Step['type']
  readonly dependsOn: readonly string[]
  /** `maybe`: it depends on what comes before it. */
  readonly runs: 'yes' | 'no' | 'maybe'
  readonly condition?: string
  readonly tool?: string
  /** What the tool is, where the backends were asked. */
  readonly calls?: { readonly name: string; readonly backend: string; readonly hidden: boolean }
  readonly arguments?: Draft
  readonly message?: Draft
  readonly collection?: Draft
  /** Why it would fail. */
  readonly faults: readonly string[]
}

/**
 * Nothing is called. `given` are arguments that were checked; `catalog` is what the backends offer, what is hidden
 * included, and absent where they were not asked.
 */
export function previewOf(config: CompositeToolConfig, given: JsonObject, catalog?: Catalog): Preview {
  const { name, steps } = config
  const workflow = defineWorkflow({ name, steps })
  const { stages, dependencies } = plan(workflow)
  const views = new Map<string, JsonObject>()
  const tools = catalog && stepToolsOf(catalog)
  const waves = stages.map((ids) =>
    ids.map((id) => {
      const step = workflow.steps.find((one) => one.id === id) as Step
      const preview = new StepPreview({ step, dependsOn: dependencies.get(id) ?? [], given, views, tools })
      // The rest is known of a step that does not run.
      if (preview.runs === 'no')
        views.set(id, viewOf({ status: 'skipped', because: 'condition', output: step.defaultResults }))
      return preview.result()
    }),
  )
  return { arguments: given, waves, ok: waves.flat().every(({ faults }) => faults.length === 0) }
}

interface Before {
  readonly step: Step
  readonly dependsOn: readonly string[]
  readonly given: JsonObject
  /** Of steps that are known not to run. */
  readonly views: ReadonlyMap<string, JsonObject>
  readonly tools: StepTools | undefined
}

class StepPreview {
  readonly runs: PreviewStep['runs']
  readonly #before: Before
  readonly #drafts: Drafts
  readonly #faults: string[] = []

  constructor(before: Before) {
    const { step, given, views } = before
    this.#before = before
    const run = {
      id: '',
      params: given,
      startTime: '',
      durationMs: 0,
      stepCount: 0,
      status: 'running',
    } as const
    this.#drafts = new Drafts(templateData(run, views), new Set(views.keys()))
    this.runs = this.#judge(step.condition)
  }

  result(): PreviewStep {
    const { step, dependsOn } = this.#before
    const { id, type, condition } = step
    const base = { id, type, dependsOn, runs: this.runs, ...(condition ? { condition } : {}) }
    const parts = this.runs === 'no' ? {} : this.#parts(step)
    return { ...base, ...this.#called(step), ...parts, faults: this.#faults }
  }

  #judge(condition: string | undefined): PreviewStep['runs'] {
    if (condition === undefined || condition === '') return 'yes'
    if (!this.#drafts.isKnown(condition)) return 'maybe'
    try {
      return createTemplates().test(condition, this.#drafts.data) ? 'yes' : 'no'
    } catch (error) {
      this.#faults.push(`condition: ${(error as Error).message}`)
      return 'maybe'
    }
  }

  #parts(step: Step): Pick<PreviewStep, 'arguments' | 'message' | 'collection'> {
    switch (step.type) {
      case 'elicitation':
        return this.#draft('message', step.message, this.#drafts)
      case 'tool':
        return this.#call(step.tool, step.arguments, this.#drafts)
      case 'forEach': {
        const item = iterationData(this.#drafts.data, step.itemVar, { item: undefined, index: 0 })
        const inner = new Drafts(item, new Set(this.#before.views.keys()))
        return {
          ...this.#draft('collection', step.collection, this.#drafts),
          ...this.#call(step.step.tool, step.step.arguments, inner),
        }
      }
    }
  }

  #call(tool: string, given: JsonObject, drafts: Drafts): { arguments?: Draft } {
    const { arguments: draft } = this.#draft('arguments', given, drafts)
    const schema = this.#before.tools?.find(tool)?.definition['inputSchema'] as JsonObject | undefined
    if (draft === undefined || schema === undefined) return draft === undefined ? {} : { arguments: draft }
    const value = coerce(draft.value, schema)
    if (draft.waitsFor.length === 0) this.#check(value, schema)
    return { arguments: { ...draft, value } }
  }

  #check(value: unknown, schema: JsonObject): void {
    try {
      const checked = schemaReader()(schema).check(value)
      if (!checked.ok) this.#faults.push(`arguments: ${checked.problem}`)
    } catch {
      // A schema that cannot be read is for the tool itself to know.
    }
  }

  #draft<Part extends string>(part: Part, value: unknown, drafts: Drafts): { [key in Part]?: Draft } {
    try {
      return { [part]: drafts.of(value) } as { [key in Part]: Draft }
    } catch (error) {
      this.#faults.push(`${part}: ${(error as Error).message}`)
      return {}
    }
  }

  #called(step: Step): Pick<PreviewStep, 'tool' | 'calls'> {
    const tool = step.type === 'tool' ? step.tool : step.type === 'forEach' ? step.step.tool : undefined
    const { tools } = this.#before
    if (tool === undefined || tools === undefined) return tool === undefined ? {} : { tool }
    const item = tools.find(tool)
    if (item === undefined) {
      const reason = tools.reason(tool)
      this.#faults.push(`'${tool}' is not there${reason === undefined ? '' : ` (${reason})`}`)
      return { tool }
    }
    const { name, hidden, origin } = item
    return { tool, calls: { name, backend: origin.backend, hidden } }
  }
}
