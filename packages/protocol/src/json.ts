import { PresenceError, reasonOf } from './errors.ts'

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
    throw new PresenceError('too-large', `The data has ${bytes} bytes of JSON; ${maxBytes} are allowed.`)
  }
  return { json, data: JSON.parse(json), bytes }
}

function stringify(value: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(value, function (this: Record<string, unknown>, key, plain: unknown) {
      // `plain` has been through toJSON; only a value without one still shows what it is.
      const kind = kindOfUnfit(plain, Array.isArray(this))
      if (kind !== undefined) throw unfit(key === '' ? 'The data' : `The data's "${key}"`, kind)
      return plain
    })
  } catch (error) {
    if (error instanceof PresenceError) throw error
    throw new PresenceError(
      'bad-data',
      // An engine explains a cycle in several lines; the first one says what it is.
      `The data cannot be written as JSON: ${reasonOf(error).split('\n')[0]}.`,
      { cause: error },
    )
  }
  if (json === undefined) throw unfit('The data', 'undefined')
  return json
}

function unfit(where: string, kind: string): PresenceError {
  return new PresenceError('bad-data', `${where} is ${kind}, which JSON cannot carry.`)
}

/** What a value is that JSON cannot carry; undefined for any other. */
function kindOfUnfit(value: unknown, isInArray: boolean): string | undefined {
  if (value === undefined) return isInArray ? 'undefined inside an array' : undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value)
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  return unfitKinds.test(kind) || ArrayBuffer.isView(value) ? `a ${kind}` : undefined
}

// JSON.stringify leaves the first three out, or throws; the others it writes as {} (a typed array as an object of indexes)
// and says nothing.
const unfitKinds = /^(\w*Function|Symbol|BigInt|(Weak)?(Map|Set|Ref)|Promise|RegExp|Error|ArrayBuffer)$/

const encoder = new TextEncoder()

/** How many bytes a text has in UTF-8. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length
}
