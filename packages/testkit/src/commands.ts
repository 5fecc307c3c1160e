import fc from 'fast-check'

/** Data that says little and breaks much. */
export type ModelData = null | boolean | number | string | { readonly [key: string]: unknown }

/** One thing that happens in the model's world: plain data, so that a failure can be written down and read. */
export type ModelCommand =
  // What applications do.
  | { do: 'heartbeat'; client: number; room: number; data: ModelData; ttlMs: number }
  | { do: 'track'; client: number; room: number; data: ModelData; ttlMs: number }
  | { do: 'update'; client: number; room: number; track: number; data: ModelData }
  | { do: 'stop'; client: number; room: number; track: number }
  | { do: 'leave'; client: number; room: number }
  | { do: 'bad'; client: number; room: number; what: 'ttl' | 'data' | 'size' | 'schema' }
  | { do: 'big'; client: number; room: number; held: boolean }
  | { do: 'listen'; client: number; room: number }
  | { do: 'hush'; client: number; room: number }
  | { do: 'throw'; client: number; room: number }
  | { do: 'nest'; client: number; room: number; call: 'heartbeat' | 'track' | 'leave' }
  | { do: 'login'; client: number; user: number }
  | { do: 'close'; client: number }
  | { do: 'connect'; client: number }
  // What pages and machines do.
  | { do: 'hide'; client: number }
  | { do: 'show'; client: number }
  | { do: 'hint'; client: number }
  | { do: 'crash'; client: number; silent: boolean }
  | { do: 'pace'; client: number; pace: 'running' | 'throttled' | 'frozen' | 'asleep' }
  | { do: 'jump'; client: number; ms: number }
  // What networks do.
  | { do: 'cut'; client: number; how: 'both' | 'client' | 'server' | 'silent'; offline: 'no' | 'refuses' | 'hangs' }
  | { do: 'heal'; client: number }
  | { do: 'hold'; client: number; way: 'up' | 'down' | 'both' }
  | { do: 'release'; client: number }
  | { do: 'step'; client: number; way: 'up' | 'down' }
  | { do: 'taken'; client: number }
  | { do: 'lose'; client: number }
  | { do: 'latency'; client: number; ms: number }
  // What servers do.
  | { do: 'stall'; ms: number }
  | { do: 'restart'; how: 'closes' | 'crashes'; mode: 'fresh' | 'resume'; downMs: number }
  | { do: 'stepWall'; ms: number }
  | { do: 'kick'; client: number; room: number }
  // What time does.
  | { do: 'flush' }
  | { do: 'advance'; ms: number }
  | { do: 'deadline'; client: number; room: number; offsetMs: -1 | 0 | 1 }
  | { do: 'settle' }

/** A whole life of the model's world. `seed` decides what the commands leave to chance. */
export interface ModelScenario {
  readonly seed: number
  readonly commands: readonly ModelCommand[]
}

const datum = fc.constantFrom<ModelData[]>(
  0,
  null,
  false,
  '',
  { x: 1 },
  { x: 2 },
  { x: 3, y: 'long enough to be seen' },
  JSON.parse('{"__proto__":1}') as ModelData,
)

type Made = fc.Arbitrary<ModelCommand>

/** Every command, each as often as it deserves, for so many clients and rooms. */
function modelCommands(clients: number, rooms: number): Made {
  const client = fc.nat(clients - 1)
  const room = fc.nat(rooms - 1)
  const track = fc.nat(2)
  const ttlMs = fc.constantFrom(1_000, 1_500, 3_000, 10_000, 25_000, 60_000)
  const at = { client, room }
  const is = <Name extends ModelCommand['do']>(name: Name) => fc.constant(name)
  const of = (weight: number, arbitrary: Made) => ({ weight, arbitrary })
  return fc.oneof(
    of(12, fc.record({ do: is('heartbeat'), ...at, data: datum, ttlMs })),
    of(12, fc.record({ do: is('track'), ...at, data: datum, ttlMs })),
    of(7, fc.record({ do: is('update'), ...at, track, data: datum })),
    of(4, fc.record({ do: is('stop'), ...at, track })),
    of(5, fc.record({ do: is('leave'), ...at })),
    of(1, fc.record({ do: is('bad'), ...at, what: fc.constantFrom('ttl', 'data', 'size', 'schema') })),
    of(2, fc.record({ do: is('big'), ...at, held: fc.boolean() })),
    of(3, fc.record({ do: is('listen'), ...at })),
    of(2, fc.record({ do: is('hush'), ...at })),
    of(1, fc.record({ do: is('throw'), ...at })),
    of(2, fc.record({ do: is('nest'), ...at, call: fc.constantFrom('heartbeat', 'track', 'leave') })),
    of(2, fc.record({ do: is('login'), client, user: fc.nat(5) })),
    of(1, fc.record({ do: is('close'), client })),
    of(2, fc.record({ do: is('connect'), client })),
    of(1, fc.record({ do: is('hide'), client })),
    of(2, fc.record({ do: is('show'), client })),
    of(1, fc.record({ do: is('hint'), client })),
    of(1, fc.record({ do: is('crash'), client, silent: fc.boolean() })),
    of(3, fc.record({ do: is('pace'), client, pace: fc.constantFrom('running', 'throttled', 'frozen', 'asleep') })),
    of(
      1,
      fc.record({ do: is('jump'), client, ms: fc.constantFrom(-86_400_000, -3_600_000, -5_000, 5_000, 3_600_000) }),
    ),
    of(
      4,
      fc.record({
        do: is('cut'),
        client,
        how: fc.constantFrom('both', 'client', 'server', 'silent'),
        offline: fc.constantFrom('no', 'refuses', 'hangs'),
      }),
    ),
    of(4, fc.record({ do: is('heal'), client })),
    of(3, fc.record({ do: is('hold'), client, way: fc.constantFrom('up', 'down', 'both') })),
    of(3, fc.record({ do: is('release'), client })),
    of(4, fc.record({ do: is('step'), client, way: fc.constantFrom('up', 'down') })),
    of(2, fc.record({ do: is('taken'), client })),
    of(1, fc.record({ do: is('lose'), client })),
    of(2, fc.record({ do: is('latency'), client, ms: fc.constantFrom(0, 7.25, 40, 300) })),
    of(2, fc.record({ do: is('stall'), ms: fc.constantFrom(900, 3_000, 15_000, 25_000, 45_000) })),
    of(
      1,
      fc.record({
        do: is('restart'),
        how: fc.constantFrom('closes', 'crashes'),
        mode: fc.constantFrom('fresh', 'resume'),
        downMs: fc.constantFrom(0, 200, 4_000, 30_000),
      }),
    ),
    of(1, fc.record({ do: is('stepWall'), ms: fc.constantFrom(-3_600_000, -4_000, 4_000, 3_600_000) })),
    of(1, fc.record({ do: is('kick'), ...at })),
    of(14, fc.record({ do: is('flush') })),
    of(
      16,
      fc.record({ do: is('advance'), ms: fc.constantFrom(1, 10, 33, 100, 500, 1_000, 3_000, 10_000, 16_000, 35_000) }),
    ),
    of(6, fc.record({ do: is('deadline'), ...at, offsetMs: fc.constantFrom(-1, 0, 1) })),
    of(1, fc.record({ do: is('settle') })),
  )
}

/** Whole lives, of up to `lengthMax` commands. */
export function modelScenarios(clients: number, rooms: number, lengthMax: number): fc.Arbitrary<ModelScenario> {
  return fc.record({
    seed: fc.nat(2 ** 31 - 1),
    commands: fc.array(modelCommands(clients, rooms), { maxLength: lengthMax, size: 'max' }),
  })
}
