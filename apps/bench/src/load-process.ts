// The load generator: one act against one peer, then it ends. What it finds goes to the process above, scenario by scenario.
import type { PeerName } from './peers/names.ts'
import { runGrowth } from './runs/growth.ts'
import { runIdle } from './runs/idle.ts'
import { runJoin } from './runs/join.ts'
import type { Measures } from './runs/measures.ts'
import { runRestart } from './runs/restart.ts'
import { runSlow } from './runs/slow.ts'
import { clear } from './runs/stage.ts'
import { runSteady } from './runs/steady.ts'
import { quick, scenarios, sharesServer, type Scenario } from './scenarios.ts'
import { withServer } from './server-handle.ts'

const [peerName = '', size = '', ...names] = process.argv.slice(2)
const peer = peerName as PeerName
const act = names.map((name) => {
  const scenario = scenarios.find((one) => one.name === name)
  if (!scenario) throw new Error(`No scenario is called "${name}".`)
  return size === 'quick' ? quick(scenario) : scenario
})

process.on('disconnect', () => process.exit(1))
if (act.every(sharesServer))
  await withServer(peer, async (server) => {
    for (const [index, scenario] of act.entries()) {
      const isWarm = index > 0
      if (isWarm) await clear(server)
      const stage = { peer, server, isWarm }
      await tell(await (scenario.kind === 'growth' ? runGrowth(stage, scenario) : runSteady(stage, scenario)))
    }
  })
else for (const scenario of act) if (!sharesServer(scenario)) await tell(await runAlone(scenario))
process.exit(0)

function tell(measures: Measures): Promise<void> {
  return new Promise((resolve) => process.send?.(measures, () => resolve()))
}

function runAlone(scenario: Exclude<Scenario, { kind: 'steady' | 'growth' }>): Promise<Measures> {
  switch (scenario.kind) {
    case 'idle':
      return runIdle(peer, scenario)
    case 'join':
      return runJoin(peer, scenario)
    case 'restart':
      return runRestart(peer, scenario)
    case 'slow':
      return runSlow(peer, scenario)
  }
}
