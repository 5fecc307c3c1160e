import { defineRooms } from '@app/client'
import { z } from 'zod'

export const Board = z.object({ x: z.number(), label: z.string().default('') })
export const Status = z.object({ status: z.enum(['here', 'away']) })
export const Doc = z.object({ page: z.number() })
export const Any = z.object({ anything: z.string() })

export const Desk = z.object({ floor: z.number(), status: z.enum(['active', 'idle', 'away']).optional() })

export const rooms = defineRooms({
  'pr:board': Board,
  'pr:desk': Desk,
  'pr:room-*': Status,
  'pr:room-lobby': Doc,
  'pr:docs/*': Doc,
  'pr:docs/**': Any,
})

declare module '@app/react' {
  interface Register {
    rooms: typeof rooms
  }
}
