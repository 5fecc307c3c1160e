import fc from 'fast-check'
import { hostileRequest, hostileUpgrade } from './hostile-requests.ts'
import { hostileBytes, hostileEvent, hostileJson, type HostilePiece } from './hostile-texts.ts'
import type { FrameShape } from './masked-frame.ts'

export type { HostilePiece } from './hostile-texts.ts'

/** A WebSocket frame, or with `isRaw` bytes where one is expected. */
export interface HostileFrame extends FrameShape {
  readonly pieces: readonly HostilePiece[]
  readonly isRaw?: boolean
}

/** What somebody does to a server who means no good, as plain data: what failed is printed and stays as a test. */
export type HostileCase =
  /** On a WebSocket that was let in and that other such cases share. The server is to answer afterwards, or to end it. */
  | { readonly way: 'say'; readonly frames: readonly HostileFrame[] }
  /** On a WebSocket of its own, which then says no more in the middle of things. */
  | { readonly way: 'break off'; readonly isLetIn: boolean; readonly frames: readonly HostileFrame[] }
  /** A request to become a WebSocket that is none, or is followed by frames before Socket.IO's CONNECT. */
  | { readonly way: 'upgrade'; readonly head: string; readonly frames: readonly HostileFrame[] }
  /** Bytes of HTTP, or of something else. */
  | { readonly way: 'request'; readonly pieces: readonly HostilePiece[] }
  /** Bodies posted to a session of long polling. */
  | { readonly way: 'poll'; readonly query: string; readonly bodies: readonly (readonly HostilePiece[])[] }

/** Cases that are tried at the same time, on a server without authentication or on one with it. */
export interface HostileLot {
  readonly isOpen: boolean
  readonly commands: readonly HostileCase[]
}

type Pieces = fc.Arbitrary<HostilePiece[]>
type Frames = fc.Arbitrary<HostileFrame[]>

const texts = (...all: readonly string[]): Pieces => fc.constantFrom(...all).map((text) => [text])
const after = (heads: readonly string[], pieces: Pieces): Pieces =>
  fc.tuple(fc.constantFrom(...heads), pieces).map(([head, more]) => [head, ...more])
const bytes: Pieces = hostileBytes.map((text) => [text])
const frame = (pieces: Pieces): fc.Arbitrary<HostileFrame> => pieces.map((each) => ({ pieces: each }))
const single = (one: fc.Arbitrary<HostileFrame>): Frames => one.map((each) => [each])

const acks = ['', '', '', '0', '7', '00', '9007199254740993', '99999999999999999999999', '-1']
const event = after(
  acks.map((id) => `42${id}`),
  hostileEvent,
)
const attachmentHeads = [
  '451-',
  '452-',
  '450-',
  '45',
  '45-',
  '451',
  '4511-',
  '45999999999-',
  '461-1',
  '451-/x,',
  '451-0',
]
const attachments = after(attachmentHeads, hostileEvent)
/** Packets of Engine.IO and Socket.IO, whole, cut off, and unknown. */
const packet = fc.oneof(
  texts('', '0', '0{}', '1', '2', '2probe', '3', '3probe', '4', '5', '6', '7', 'b', 'bAAAA', 'b!', '\x1e', '4\x1e4'),
  texts('40', '40{}', '40/', '40/admin,', '40/__proto__,{}', '40[]', '40"x"', '41', '41/admin,', '42', '42[]', '42{}'),
  texts('42null', '42[', '42["t",1', '43', '430[]', '430["x"]', '43[]', '44', '44{}', '44"x"', '45', '46', '47', '4x'),
  after(['0', '1', '2', '3', '4', '40', '42/x,', '43', '44', '46', '48'], hostileJson),
)
const binary: fc.Arbitrary<HostileFrame> = bytes.map((pieces) => ({ pieces, opcode: 2 }))

/** A frame that is not as RFC 6455 wants it. */
const misshapen: fc.Arbitrary<HostileFrame> = fc.record(
  {
    pieces: fc.oneof(event, packet, bytes),
    opcode: fc.integer({ min: 0, max: 15 }),
    isLast: fc.boolean(),
    isMasked: fc.boolean(),
    reserved: fc.integer({ min: 0, max: 7 }),
    lengthBits: fc.constantFrom(16 as const, 64 as const),
  },
  { requiredKeys: ['pieces'] },
)
/** A message in several frames, with something in between. */
const fragments: Frames = fc
  .tuple(fc.oneof(event, packet), hostileBytes, fc.constantFrom(9, 10, 8, 1, 2), fc.integer({ min: 0, max: 3 }))
  .map(([pieces, text, opcode, empties]) => [
    { pieces: pieces.slice(0, 1), isLast: false },
    { pieces: [text.slice(0, 100)], opcode },
    ...Array.from({ length: empties }, () => ({ pieces: [], opcode: 0, isLast: false })),
    { pieces: pieces.slice(1), opcode: 0 },
  ])
const withAttachments: Frames = fc
  .tuple(frame(attachments), fc.array(binary, { maxLength: 3 }))
  .map(([head, rest]) => [head, ...rest])
const repeated: Frames = fc
  .tuple(frame(event), fc.integer({ min: 2, max: 30 }))
  .map(([one, times]) => Array.from({ length: times }, () => one))
const frames: Frames = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: single(frame(event)) },
      { weight: 3, arbitrary: single(frame(packet)) },
      { weight: 2, arbitrary: single(misshapen) },
      { weight: 1, arbitrary: single(binary) },
      { weight: 1, arbitrary: fragments },
      { weight: 1, arbitrary: withAttachments },
      { weight: 1, arbitrary: repeated },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((each) => each.flat())

const claims = [1, 100, 60_000, 140_000, 2 ** 31, 2 ** 53, 2 ** 60]
/** Ends in the middle: a frame that is longer than what comes of it, or a head that is cut off. */
const brokenOff = fc.oneof(
  fc
    .tuple(fc.oneof(event, packet), fc.constantFrom(...claims), fc.integer({ min: 0, max: 2 }))
    .map(([pieces, claimedLength, opcode]): HostileFrame => ({ pieces, claimedLength, opcode })),
  fc
    .oneof(bytes, texts('\x81', '\x81\xfe\x01', '\x81\xff\0\0\0', '\x01\x80', '\x88\x01'))
    .map((pieces): HostileFrame => ({ pieces, isRaw: true })),
)

const introduction = fc
  .tuple(
    fc.constantFrom('{"v":1,"secret":', '{"v":1,"clientId":1,"secret":', '{"v":1,"clientId":1e999,"x":'),
    hostileJson,
  )
  .map(([head, json]): HostilePiece[] => [head, ...json, '}'])
const beforeConnect = fc.array(
  fc.oneof(frame(after(['40'], fc.oneof(hostileJson, introduction))), frame(packet), frame(event), misshapen),
  { maxLength: 4 },
)
const body: Pieces = fc
  .array(fc.oneof(event, packet, attachments, bytes), { maxLength: 4 })
  .map((packets) => packets.flatMap((pieces, at) => (at === 0 ? pieces : ['\x1e', ...pieces])))
const queries = ['', '', '', '&j=0', '&j=__proto__', '&b64=1', '&sid=x', '&transport=websocket']

const one: fc.Arbitrary<HostileCase> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ way: fc.constant('say' as const), frames }) },
  {
    weight: 2,
    arbitrary: fc.record({
      way: fc.constant('break off' as const),
      isLetIn: fc.boolean(),
      frames: fc.tuple(fc.array(frame(event), { maxLength: 1 }), brokenOff).map(([first, last]) => [...first, last]),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ way: fc.constant('upgrade' as const), head: hostileUpgrade, frames: beforeConnect }),
  },
  { weight: 3, arbitrary: fc.record({ way: fc.constant('request' as const), pieces: hostileRequest }) },
  {
    weight: 2,
    arbitrary: fc.record({
      way: fc.constant('poll' as const),
      query: fc.constantFrom(...queries),
      bodies: fc.array(body, { minLength: 1, maxLength: 3 }),
    }),
  },
)

/** Lots of up to so many cases. */
export function hostileLots(casesMax: number): fc.Arbitrary<HostileLot> {
  return fc.record({
    isOpen: fc.boolean(),
    commands: fc.array(one, { minLength: 1, maxLength: casesMax, size: 'max' }),
  })
}

/** The lot of a seed, for those who do not search. */
export function hostileLot(casesMax: number, seed: number): HostileLot {
  const [lot] = fc.sample(hostileLots(casesMax), { seed, numRuns: 1 })
  if (!lot) throw new Error('fast-check has made nothing.')
  return lot
}
