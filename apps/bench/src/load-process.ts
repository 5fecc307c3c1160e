// The load generator: one run of one scenario against one peer, then it ends. What it finds goes to the process above.
import type { PeerName } from './peers/names.ts'
import { runGrowth } from './runs/growth.ts'
import { runIdle } from './runs/idle.ts'
import { runJoin } from './runs/join.ts'
import type { Measures } from './runs/measures.ts'
import { runRestart } from './runs/restart.ts'
import { runSlow } from './runs/slow.ts'
import { runSteady } from './runs/steady.ts'
import { quick, scenarios, type Scenario } from './scenarios.ts'

const [peer = '', name = '', size = ''] = process.argv.slice(2)
const scenario = scenarios.find((one) => one.name === name)
if (!scenario) throw new Error(`No scenario is called "${name}".`)

process.on('disconnect', () => process.exit(1))
const measures = await run(peer as PeerName, size === 'quick' ? quick(scenario) : scenario)
process.send?.(measures, () => process.exit(0))

function run(on: PeerName, what: Scenario): Promise<Measures> {
  switch (what.kind) {
    case 'steady':
      return runSteady(on, what)
    case 'idle':
      return runIdle(on, what)
    case 'join':
      return runJoin(on, what)
    case 'restart':
      return runRestart(on, what)
    case 'slow':
      return runSlow(on, what)
    case 'growth':
      return runGrowth(on, what)
  }
}
