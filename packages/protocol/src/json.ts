import { PresenceError } from './errors.ts'

/** What JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** Data as it travels: its JSON text, and the value that text stands for. */
export interface EncodedData {
  /** Two data are the same when their texts are (P5). */
  readonly json: string
  /** A copy of the caller's value, so that a later change of theirs changes nothing here. */
  readonly data: unknown
  readonly bytes: number
}

/**
 * Turns a value into JSON text and the value that text stands for.
 * Throws `bad-data` for what JSON cannot carry (P8): undefined, functions, symbols, BigInt, NaN, Infinity,
 * cycles, Map, Set and the like; `too-large` when the text is over `maxBytes`.
 * An undefined property of an object is left out, as `JSON.stringify` does.
 */
export function encodeData(value: unknown, maxBytes: number): EncodedData {
  const json = stringify(value)
  const bytes = utf8Length(json)
  if (bytes > maxBytes) {
    throw new PresenceError(
      'too-large',
      `The data has ${bytes} bytes of JSON; ${maxBytes} are allowed. Keep only what others need to see.`,
    )
  }
  return { json, data: JSON.parse(json), bytes }
}

function stringify(value: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(value, function (this: Record<string, unknown>, key, plain: unknown) {
      // `plain` has been through toJSON; only a value without one still shows what it is.
      refuse(plain, key, Array.isArray(this))
      return plain
    })
  } catch (error) {
    if (error instanceof PresenceError) throw error
    throw new PresenceError(
      'bad-data',
      // An engine explains a cycle in several lines; the first one says what it is.
      `The data cannot be written as JSON: ${(error instanceof Error ? error.message : String(error)).split('\n')[0]}.`,
      { cause: error },
    )
  }
  if (json === undefined)
    throw new PresenceError('bad-data', 'The data is undefined, which JSON cannot carry. Use null to say "nothing".')
  return json
}

function refuse(value: unknown, key: string, inArray: boolean): void {
  const where = key === '' ? 'The data' : `The data's "${key}"`
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) throw new PresenceError('bad-data', `${where} is ${value}, which JSON cannot carry.`)
      return
    case 'undefined':
      if (inArray)
        throw new PresenceError('bad-data', `${where} is undefined inside an array, which JSON cannot carry.`)
      return
    case 'function':
    case 'symbol':
    case 'bigint':
      throw new PresenceError('bad-data', `${where} is a ${typeof value}, which JSON cannot carry.`)
    case 'boolean':
    case 'string':
      return
    case 'object': {
      if (value === null || Array.isArray(value)) return
      const kind = Object.prototype.toString.call(value).slice(8, -1)
      if (lossyKinds.has(kind) || ArrayBuffer.isView(value)) {
        throw new PresenceError('bad-data', `${where} is a ${kind}, which JSON cannot carry.`)
      }
    }
  }
}

// JSON.stringify writes these as {} (a typed array as an object of indexes) and says nothing.
const lossyKinds = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Promise', 'RegExp', 'Error', 'ArrayBuffer'])

/** How many bytes a text has in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    // A surrogate pair is two units and four bytes; either half adds one.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}
