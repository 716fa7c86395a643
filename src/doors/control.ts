import { explain } from '../catalog/index.ts'
import type { Control, ControlOptions } from '../front/control.ts'
import type { Running } from '../running.ts'
import { wholeStatus } from '../status/whole.ts'

/** Opens the way in for the one who runs the gateway. @throws GatewayError `config` when there is no port to be had */
export async function openControl(
  running: Running,
  options: Pick<ControlOptions, 'token' | 'reload'>,
): Promise<Control> {
  const front = await import('../front/control.ts')
  const status = () => wholeStatus(running, 'operator')
  return front.openControl({ ...options, status, catalog: () => catalogOf(running), runs: running.runs })
}

function catalogOf({ catalog, backends, config, history }: Running): object {
  const entries = explain(catalog, { backends: backends.all, policy: config.aggregation })
  return { generation: history.generation, entries }
}
