export { FakeClock } from './fake-clock.ts'
export { ScriptedServer, type ClientEvents, type PeerOptions } from './scripted-server.ts'
export { scriptedEdges } from './scripted-edges.ts'
export { connectTo, DrivenClient, FakeLink, FakeLinks, type DrivenCore } from './fake-links.ts'
