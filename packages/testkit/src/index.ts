export { FakeClock } from './fake-clock.ts'
export { ScriptedServer, type ClientEvents, type PeerOptions } from './scripted-server.ts'
export { scriptedEdges } from './scripted-edges.ts'
export { connectTo, DrivenClient, FakeLink, FakeLinks, type DrivenCore } from './fake-links.ts'
export { DeviceClock } from './device-clock.ts'
export { Timeline } from './timeline.ts'
export { Network, Socket } from './network.ts'
export type { ClientEnd, Host, ServerEnd } from './wire-ends.ts'
export { maskedFrame, type FrameShape } from './masked-frame.ts'
export {
  hostileLot,
  hostileLots,
  type HostileCase,
  type HostileFrame,
  type HostileLot,
  type HostilePiece,
} from './hostile-cases.ts'
export { modelScenarios, type ModelCommand, type ModelData, type ModelScenario } from './commands.ts'
export { randomFrom, search } from './search.ts'
