export { defineRooms, fromEffect, type EffectSchemaLike } from '@app/protocol/effect'
