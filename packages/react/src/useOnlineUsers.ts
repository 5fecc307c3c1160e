'use client'
import type { StandardSchemaV1 } from '@app/client'
import type { OnlineUser } from './onlineUsers.ts'
import type { RoomKey, RoomOutput, UnregisteredKey } from './register.ts'
import { useHere, type How } from './useHere.ts'

/** The users in a room, me included, in the order they came. */
export type OnlineUsers<T = unknown> = readonly OnlineUser<T>[]

/** How `useOnlineUsers` reads a room through a schema. */
export interface OnlineUsersOptions<S extends StandardSchemaV1, R> {
  /** Types and checks the entries; made outside of the component. */
  readonly schema: S
  readonly selector?: ((users: OnlineUsers<StandardSchemaV1.InferOutput<S>>) => R) | undefined
  readonly isEqual?: ((a: R, b: R) => boolean) | undefined
}

/**
 * Who is in a room, one item per user however many tabs they have open, without putting an entry of mine:
 * `useOnlineUsers('pr:room-123')`. A user who did not change stays the same object.
 *
 * With `selector`, an inline function or not, the component renders only when what it returns is another by `isEqual`, as in
 * `useOthers`: `useOnlineUsers(room, (users) => users.map(({ user }) => user?.name))`.
 */
export function useOnlineUsers<T = unknown>(room: UnregisteredKey): OnlineUsers<T>
export function useOnlineUsers<R, T = unknown>(
  room: UnregisteredKey,
  selector: (users: OnlineUsers<T>) => R,
  isEqual?: (a: R, b: R) => boolean,
): R
export function useOnlineUsers<S extends StandardSchemaV1, R = OnlineUsers<StandardSchemaV1.InferOutput<S>>>(
  room: string,
  options: OnlineUsersOptions<S, R>,
): R
export function useOnlineUsers<K extends RoomKey>(room: K): OnlineUsers<RoomOutput<K>>
export function useOnlineUsers<K extends RoomKey, R>(
  room: K,
  selector: (users: OnlineUsers<RoomOutput<K>>) => R,
  isEqual?: (a: R, b: R) => boolean,
): R
export function useOnlineUsers(room: string, how?: How, isEqual?: (a: never, b: never) => boolean): unknown {
  return useHere(room, 'users', how, isEqual)
}
