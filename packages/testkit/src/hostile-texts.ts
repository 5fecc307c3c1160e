import fc from 'fast-check'

/*
 * What a hostile client writes: texts, not values, since much of what may hurt has no value that would be written like it.
 */

/** A part of what is sent: characters up to U+00FF, each one byte; or such a text over and over. */
export type HostilePiece = string | { readonly over: string; readonly times: number }

type Pieces = fc.Arbitrary<HostilePiece[]>

// More than the server under attack takes in one message, and than it reads at all.
const longMax = 140_000

const oddJson = [
  ...['null', 'true', '0', '-0', '-1', '1.5', '1e999', '-1e999', '1e-999', '9007199254740993', '4294967296'],
  ...['1'.repeat(400), '""', '"pr:a"', '"pr:"', '"__proto__"', '"constructor"', '"toString"', '"length"'],
  // Unpaired surrogates, control characters, separators of lines.
  ...['"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\u2028\\u2029"', '"\\u001b[2J"', '"\u0001"', '"\u007f"'],
  // The bytes of a surrogate, of a character that is too long, of one that is cut off, of none, and of a good one.
  ...['"\xed\xa0\x80"', '"\xc0\xaf"', '"\xe2\x82"', '"\xff\xfe"', '"\xf0\x9f\x98\x80"'],
  ...['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', '[{"__proto__":[]}]'],
  ...['{"a":1,"a":2}', '{"toJSON":1}', '{"length":4294967295}', '{"then":1}', '{"type":"Buffer","data":[1]}'],
  ...['{"_placeholder":true,"num":0}', '{"_placeholder":true,"num":-1}', '{"_placeholder":true,"num":"__proto__"}'],
  ...['[]', '{}', '[[]]', '[null]', '{"":{}}', '{"id":"ada"}', '{"user":{"id":7}}', '{"token":{}}', '{"token":"x"}'],
  // Not JSON.
  ...['', 'NaN', 'Infinity', 'undefined', '{', '[', ']', '"', "'x'", '\\', '{"a":}', '[,]', '01', '/**/', '\x1e', '\0'],
]

const odd: Pieces = fc.constantFrom(...oddJson).map((text) => [text])
const deep: Pieces = fc
  .tuple(fc.constantFrom('[', '{"a":', '[[],'), fc.integer({ min: 2, max: 12_000 }), fc.boolean())
  .map(([over, times, isClosed]) => [
    { over, times },
    '1',
    ...(isClosed ? [{ over: over.startsWith('{') ? '}' : ']', times }] : []),
  ])
const long: Pieces = fc
  .tuple(fc.constantFrom('x', '\xc3\xa9', '\\u0000', '0'), fc.integer({ min: 200, max: longMax }))
  .map(([over, length]) => ['"', { over, times: Math.ceil(length / over.length) }, '"'])

/** Any bytes. */
export const hostileBytes: fc.Arbitrary<string> = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
})

/** Something where JSON is expected. */
export const hostileJson: Pieces = fc.oneof(
  { weight: 20, arbitrary: odd },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3 }).map((text): HostilePiece[] => [utf8(text)]) },
  { weight: 1, arbitrary: hostileBytes.map((text): HostilePiece[] => [text]) },
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: long },
)

const keys = ['pr:a', 'pr:b', 'pr:a/cursors', 'pr:b/typing', 'pr:__proto__', 'pr:constructor', 'pr:/cursors']
const key = fc.constantFrom(...keys.map((each) => JSON.stringify(each)))
const number = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 9_000_000 })).map(String)
const nearly = (good: fc.Arbitrary<string>, bad: Pieces = hostileJson): Pieces =>
  fc.oneof({ weight: 6, arbitrary: good.map((text): HostilePiece[] => [text]) }, { weight: 1, arbitrary: bad })
// None of the odd ones is a time to live, so that all that is put is over soon after the attack.
const ttl = nearly(fc.constantFrom('1', '50', '1000'), odd)
const held = nearly(fc.constantFrom('0', '1'))

function list(parts: readonly HostilePiece[][]): HostilePiece[] {
  return ['[', ...parts.flatMap((part, at) => (at === 0 ? part : [',', ...part])), ']']
}

const row = fc.tuple(nearly(key), nearly(number), ttl, held, hostileJson).map(list)
const rows = fc.array(nearlyRow(), { maxLength: 4 }).map(list)

function nearlyRow(): Pieces {
  return fc.oneof({ weight: 9, arbitrary: row }, { weight: 1, arbitrary: hostileJson })
}

const event = (name: string, ...args: readonly Pieces[]): Pieces =>
  fc.tuple(...args).map((parts) => list([[`"${name}"`], ...parts]))
const names = [
  ...['enter', 'exit', 'count', 'uncount', 'p', 'l', 'bye', 'auth', 't', 'hello', 's', 'd', 'kick', 'drain', 'refused'],
  ...['error', 'connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener', 'message'],
  ...['__proto__', 'constructor', 'toString', 'then', '', '\\ud800'],
]
const anyEvent: Pieces = fc
  .tuple(fc.constantFrom(...names), fc.array(hostileJson, { maxLength: 3 }))
  .map(([name, args]) => list([[`"${name}"`], ...args]))

/** An event as Socket.IO writes it: JSON, or nearly. */
export const hostileEvent: Pieces = fc.oneof(
  { weight: 2, arbitrary: event('enter', nearly(key)) },
  { weight: 1, arbitrary: event('exit', nearly(key)) },
  { weight: 1, arbitrary: event('count', nearly(key)) },
  { weight: 1, arbitrary: event('uncount', nearly(key)) },
  { weight: 5, arbitrary: event('p', rows) },
  { weight: 2, arbitrary: event('l', nearly(key), nearly(number)) },
  { weight: 1, arbitrary: event('bye') },
  { weight: 2, arbitrary: event('auth', nearly(number), hostileJson) },
  { weight: 1, arbitrary: event('t', hostileJson) },
  { weight: 3, arbitrary: anyEvent },
  { weight: 1, arbitrary: fc.array(hostileJson, { maxLength: 3 }).map(list) },
)

/** The UTF-8 of a text, a character for each byte. */
function utf8(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => String.fromCharCode(byte)).join('')
}
