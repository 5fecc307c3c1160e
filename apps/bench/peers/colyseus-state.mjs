import { schema, t } from '@colyseus/schema'

/** As exact as a cursor needs: two numbers of two bytes. */
export const Cursor = schema({ x: t.uint16(), y: t.uint16() }, 'Cursor')
export const State = schema({ cursors: t.map(Cursor) }, 'State')
