import { maskedFrame, type FrameShape } from '@app/testkit'
import { expect, test } from 'vitest'
import { takeTexts, textFrame } from './web-socket-frames.ts'

const frameOf = (text: string, shape?: FrameShape) => maskedFrame(Buffer.from(text), shape)

function take(chunk: Buffer, wants: (text: string) => boolean = () => true) {
  const texts: string[] = []
  const before = Buffer.from(chunk)
  const taken = takeTexts(chunk, (text) => {
    if (!wants(text)) return false
    texts.push(text)
    return true
  })
  expect(chunk.equals(before)).toBe(true)
  return { texts, left: chunk.length - taken }
}

// Around every limit of a length.
const lengths = [0, 1, 5, 125, 126, 127, 65_535]

test('whole texts are taken, however long and in whichever letters', () => {
  const texts = [...lengths.map((length) => 'x'.repeat(length)), '42["p",[{"name":"Zoë 😀"}]]']
  expect(take(Buffer.concat(texts.map((text) => frameOf(text))))).toEqual({ texts, left: 0 })
})

test('a frame that is not all there is left, wherever it is cut', () => {
  const whole = frameOf('first')
  for (const length of [3, 200]) {
    const frame = frameOf('y'.repeat(length))
    for (let cut = 0; cut < frame.length; cut++)
      expect(take(Buffer.concat([whole, frame.subarray(0, cut)]))).toEqual({ texts: ['first'], left: cut })
  }
})

test('what is no whole, masked text of UTF-8 is left, with all that comes after it', () => {
  const others = {
    'a part of a message': frameOf('x', { isLast: false }),
    'the rest of a message': frameOf('x', { opcode: 0 }),
    binary: frameOf('x', { opcode: 2 }),
    close: frameOf('', { opcode: 8 }),
    ping: frameOf('x', { opcode: 9 }),
    compressed: frameOf('x', { opcode: 0x41 }),
    unmasked: frameOf('abcdef', { isMasked: false }),
    'a length of 64 bits': frameOf('x', { lengthBits: 64 }),
    'no UTF-8': maskedFrame(Uint8Array.of(0x34, 0xff, 0x32)),
    'half a letter': maskedFrame(Uint8Array.of(0x34, 0xc3)),
  }
  for (const [name, frame] of Object.entries(others)) {
    const rest = Buffer.concat([frame, frameOf('after')])
    expect(take(Buffer.concat([frameOf('before'), rest])), name).toEqual({ texts: ['before'], left: rest.length })
  }
})

test('an unmasked text is left, even if what follows looks like the rest of a masked one', () => {
  const chunk = Buffer.from([0x81, 4, 0, 0, 0, 0, ...Buffer.from('text')])
  expect(take(chunk)).toEqual({ texts: [], left: chunk.length })
})

test('a text that is not wanted is left, with all that comes after it', () => {
  const rest = Buffer.concat([frameOf('no'), frameOf('yes')])
  expect(take(Buffer.concat([frameOf('yes'), rest]), (text) => text === 'yes')).toEqual({
    texts: ['yes'],
    left: rest.length,
  })
})

test('a server frame says its length in the shortest way', () => {
  for (const [text, head] of [
    ['', [0x81, 0]],
    ['é'.repeat(62), [0x81, 124]],
    ['x'.repeat(125), [0x81, 125]],
    ['x'.repeat(126), [0x81, 126, 0, 126]],
    ['x'.repeat(65_535), [0x81, 126, 255, 255]],
    ['x'.repeat(65_536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ] as const) {
    const frame = textFrame(text)
    expect([...frame.subarray(0, head.length)]).toEqual(head)
    expect(frame.subarray(head.length).toString()).toBe(text)
  }
})
