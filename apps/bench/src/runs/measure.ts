import { setTimeout as sleep } from 'node:timers/promises'
import { coresBetween } from '../cpu-meter.ts'
import type { ServerHandle } from '../server-handle.ts'
import type { Window } from '../sightings.ts'
import { percentile } from '../statistics.ts'
import { quiet, type Member } from '../swarm.ts'
import { createUsageMeter } from '../usage.ts'
import type { Measures } from './measures.ts'

// What is on its way when the window closes may still be seen in time.
const drainMaxMs = 1_000
// Longer than any flush, so that nothing more is on its way when nothing has come for so long.
const quietMs = 250

/** Watches server, generator and members for some seconds, and waits for what is still on its way once they stop. */
export async function measure(
  server: ServerHandle,
  members: readonly Member[],
  moving: readonly Member[],
  seconds: number,
  stop?: () => void,
): Promise<Measures> {
  const generator = createUsageMeter()
  const started = await server.ask('start')
  const cpuBefore = await server.cpuTime()
  generator.start()
  const before = count(members)
  const fromMs = performance.now()
  await sleep(seconds * 1_000)
  const own = generator.end()
  const toMs = performance.now()
  const after = count(members)
  const cores = coresBetween(cpuBefore, await server.cpuTime())
  // A loop that did not hear when the window began could not say how it fared in it.
  const told = started && (await server.ask('end'))
  stop?.()
  if (stop) await quiet(members, quietMs, drainMaxMs)
  else await sleep(Math.min(drainMaxMs, seconds * 1_000))

  const perClientS = members.length * ((toMs - fromMs) / 1_000)
  const seen = judge(members, moving, { fromMs, toMs })
  return {
    ...told,
    cores,
    messages: (after.frames - before.frames) / perClientS,
    kilobytes: (after.bytes - before.bytes) / 1_000 / perClientS,
    inbound: seen.sentPerS,
    microsPerInbound: (cores * 1e6) / seen.sentPerS,
    inboundPerCore: seen.sentPerS / cores,
    ...(seen.delivered > 0 ? { delivered: seen.delivered, microsPerUpdate: (cores * 1e6) / seen.delivered } : {}),
    ...(seen.share === undefined ? {} : { seen: seen.share * 100, p50Ms: seen.p50Ms, p99Ms: seen.p99Ms }),
    generatorCores: own.cores,
    generatorStallP99Ms: own.stallP99Ms,
  }
}

function count(members: readonly Member[]): { frames: number; bytes: number } {
  return members.reduce((sum, { frames, bytes }) => ({ frames: sum.frames + frames, bytes: sum.bytes + bytes }), {
    frames: 0,
    bytes: 0,
  })
}

/** What the probes saw of the others, and what that says about all members. */
function judge(members: readonly Member[], moving: readonly Member[], window: Window) {
  const seconds = (window.toMs - window.fromMs) / 1_000
  const sentPerS =
    moving.reduce(
      (sum, { sentAtMs }) => sum + sentAtMs.filter((at) => at >= window.fromMs && at < window.toMs).length,
      0,
    ) / seconds
  const probes = members.filter(({ sightings }) => sightings !== undefined)
  let delivered = 0
  let sent = 0
  let inTime = 0
  const latenciesMs: number[] = []
  for (const probe of probes) {
    // One's own echo is no news.
    const others = moving.filter((member) => member.room === probe.room && member !== probe)
    const found = probe.sightings?.judge(
      others.map((member) => [member.client.name, member.sentAtMs] as const),
      window,
    )
    if (!found) continue
    delivered += found.delivered
    sent += found.sent
    inTime += found.seenInTime
    for (const ms of found.latenciesMs) latenciesMs.push(ms)
  }
  return {
    sentPerS,
    delivered: probes.length === 0 ? 0 : (delivered / probes.length / seconds) * members.length,
    share: sent === 0 ? undefined : inTime / sent,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  }
}
