import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'

/*
 * The awareness messages of Yjs, in the encoding of its own library: see y-protocols' PROTOCOL.md. Only the state of one
 * client is ever sent, so no Awareness object is needed to make it.
 */

export const messageAwareness = 1

/** One client's state as an awareness update, behind what `head` writes. */
export function encodeState(head, clientId, clock, state) {
  const update = createEncoder()
  writeVarUint(update, 1)
  writeVarUint(update, clientId)
  writeVarUint(update, clock)
  writeVarString(update, state)
  const message = createEncoder()
  head(message)
  writeVarUint(message, messageAwareness)
  writeVarUint8Array(message, toUint8Array(update))
  return toUint8Array(message)
}

/** Tells the cursors in an awareness message, from where `decoder` stands. */
export function readStates(decoder, see) {
  if (readVarUint(decoder) !== messageAwareness) return
  const update = createDecoder(readVarUint8Array(decoder))
  for (let left = readVarUint(update); left > 0; left--) {
    const clientId = readVarUint(update)
    readVarUint(update)
    const state = JSON.parse(readVarString(update))
    if (state !== null) see(clientId, state.x)
  }
}
