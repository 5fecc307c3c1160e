import fc from 'fast-check'
import { hostileBytes, type HostilePiece } from './hostile-texts.ts'

/*
 * Requests of HTTP, and what is nearly one.
 */

const paths = [
  ...[
    '/socket.io/?EIO=4&transport=websocket',
    '/socket.io/?EIO=4&transport=websocket',
    '/socket.io/?EIO=3&transport=websocket',
  ],
  ...[
    '/socket.io/?transport=websocket',
    '/socket.io/?EIO=4&transport=polling',
    '/socket.io/?EIO=4&transport=__proto__',
  ],
  ...['/socket.io/?EIO=4&transport=constructor', '/socket.io/?EIO=4&transport=websocket&sid=__proto__', '/socket.io/'],
  ...['/socket.io/?EIO=4&transport=websocket&sid=x', '/socket.io/?EIO=4&EIO=3&transport=websocket&transport=polling'],
  ...[
    '/socket.io',
    '/socket.io/../x?EIO=4&transport=websocket',
    '/socket.io/%00?EIO=%ff&transport=websocket',
    '/',
    '*',
  ],
  ...['http://x/socket.io/', '//socket.io/', '/socket.io/?__proto__=1&transport=websocket&EIO=4', '/\xff', '/%', ''],
  ...['/socket.io/?EIO=4&transport=webtransport', '/socket.io/?EIO=4&transport=polling&j=__proto__', '/socket.io/?%'],
  ...['/healthz', '/metrics', '/%c0%ae%c0%ae/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '/index.html?\\', '/%00'],
]
const headers = [
  ...[
    'Upgrade: websocket',
    'Upgrade: WEBSOCKET, x',
    'Upgrade: h2c',
    'Upgrade:',
    'Connection: Upgrade',
    'Connection: close',
  ],
  ...[
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Version: 8',
    'Sec-WebSocket-Version: __proto__',
    'Sec-WebSocket-Key: x',
  ],
  ...['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol: ,', 'Sec-WebSocket-Protocol: a, a'],
  ...[
    'Sec-WebSocket-Extensions: permessage-deflate; x',
    'Sec-WebSocket-Extensions: ;;',
    'Host: localhost',
    'Host: \xff',
  ],
  ...[
    'Host: evil.example',
    'Host:',
    'Origin: null',
    'Origin: \xff',
    'Origin: http://[',
    'Origin: https://evil.example',
  ],
  ...['Content-Length: 5', 'Content-Length: -1', 'Content-Length: 99999999999999999999', 'Transfer-Encoding: chunked'],
  ...['Transfer-Encoding: x, chunked', 'Expect: 100-continue', 'Expect: x', 'X-Forwarded-For: \xff, ,', 'Forwarded: ;'],
  ...['Range: bytes=9-1,-', 'If-None-Match: *', 'Accept-Encoding: *;q=x', 'Cookie: __proto__=x', ': x', 'x', '\0: x'],
  ...[
    'Access-Control-Request-Method: x',
    'Content-Type: application/octet-stream',
    'Content-Type: text/plain;charset=x',
  ],
]
const methods = ['GET', 'GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'CONNECT', 'PRI', 'get', '']
const versions = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9', '']

const header = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...headers) },
  { weight: 1, arbitrary: hostileBytes.map((text) => `X: ${text}`) },
)
const anyHead = fc
  .tuple(
    fc.constantFrom(...methods),
    fc.constantFrom(...paths),
    fc.constantFrom(...versions),
    fc.array(header, { maxLength: 8 }),
    fc.boolean(),
  )
  .map(([method, path, version, some, hasHost]) =>
    [`${method} ${path} ${version}`, ...(hasHost ? ['Host: localhost'] : []), ...some, '\r\n'].join('\r\n'),
  )
const goodHeaders = [
  ...['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
]
/** As it should be, but for one header that goes and one that comes. */
const nearlyUpgrade = fc
  .tuple(fc.constantFrom(...paths), fc.integer({ min: 0, max: 9 }), fc.array(header, { maxLength: 1 }))
  .map(([path, without, more]) =>
    [`GET ${path} HTTP/1.1`, ...goodHeaders.filter((_, at) => at !== without), ...more, '\r\n'].join('\r\n'),
  )

/** The head of a request to become a WebSocket, or nearly. */
export const hostileUpgrade: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: anyHead },
  { weight: 3, arbitrary: nearlyUpgrade },
)

const post = 'POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n'
const special: readonly HostilePiece[][] = [
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
  ['GET / HTTP/1.1\r\nX: ', { over: 'x', times: 20_000 }, '\r\n\r\n'],
  ['GET / HTTP/1.1\r\n', { over: 'A: b\r\n', times: 3_000 }, '\r\n'],
  ['GET /', { over: '../', times: 5_000 }, ' HTTP/1.1\r\nHost: x\r\n\r\n'],
  [`${post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx`],
  [`${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`],
  ['POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', { over: '1\r\nx\r\n', times: 3_000 }],
]

/** Bytes where a request is expected. */
export const hostileRequest: fc.Arbitrary<HostilePiece[]> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(anyHead, hostileBytes).map((pieces): HostilePiece[] => pieces) },
  { weight: 1, arbitrary: hostileBytes.map((text): HostilePiece[] => [text]) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyHead, fc.integer({ min: 1, max: 40 }))
      .map(([head, cut]): HostilePiece[] => [head.slice(0, -cut)]),
  },
  {
    weight: 1,
    arbitrary: fc.record({ over: anyHead, times: fc.integer({ min: 2, max: 12 }) }).map((all): HostilePiece[] => [all]),
  },
  { weight: 1, arbitrary: fc.constantFrom(...special) },
)
