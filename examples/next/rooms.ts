// What the rooms hold: for the server, which refuses anything else, and for the hooks, which get their types from it.
import { defineRooms } from '@app/client'
import { z } from 'zod'

export const rooms = defineRooms({ 'pr:room-*': z.object({ mood: z.string() }) })

declare module '@app/react' {
  interface Register {
    rooms: typeof rooms
  }
}
