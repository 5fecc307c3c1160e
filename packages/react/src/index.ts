export { PresenceProvider, type PresenceProviderProps } from './PresenceProvider.tsx'
export { usePresenceClient } from './usePresenceClient.ts'
export { useConnectionStatus } from './useConnectionStatus.ts'
export { useOnlineCount } from './useOnlineCount.ts'
export { useIdle, type IdleOptions } from './useIdle.ts'
export { useOnlineUsers, type OnlineUsers, type OnlineUsersOptions } from './useOnlineUsers.ts'
export { useOthers, type Others, type OthersOptions } from './useOthers.ts'
export { usePresence, type PresenceOptions, type RoomPresence } from './usePresence.ts'
export { usePresenceEvents, type PresenceEventsOptions } from './usePresenceEvents.ts'
export { useSelf } from './useSelf.ts'
export { useUpdatePresence, type UpdatePresenceOptions } from './useUpdatePresence.ts'
export type { OnlineUser } from './onlineUsers.ts'
export type { Activity } from './activity.ts'
export { userStatus, type UserStatus } from './userStatus.ts'
export type { Update } from './OwnEntry.ts'
export {
  AvatarStack,
  type AvatarStackProps,
  type AvatarStackStrings,
  type AvatarToDraw,
} from './components/AvatarStack.tsx'
export {
  ConnectionBanner,
  type ConnectionBannerProps,
  type ConnectionBannerStrings,
} from './components/ConnectionBanner.tsx'
export { Cursors, type CursorsProps, type CursorToDraw } from './components/Cursors.tsx'
export { PresenceDot, type PresenceDotProps } from './components/PresenceDot.tsx'
export { TypingIndicator, type TypingIndicatorProps } from './components/TypingIndicator.tsx'
export { useCursors, type CursorHandlers, type CursorsOptions, type CursorsResult } from './useCursors.ts'
export { useTyping, type TypingHandlers, type TypingOptions, type TypingResult } from './useTyping.ts'
export type { InitialPresence } from './InitialContext.ts'
export type { Register, RoomInput, RoomKey, RoomOutput } from './register.ts'
export { userColor, type UserColor } from './userColor.ts'
export type { Composable } from './composable.ts'
export type { Cursor, LiveCursor } from './cursorList.ts'
export type { CursorMapping, CursorSpace, Point, Size } from './pointerPosition.ts'
export type { TypingStrings } from './typingPhrase.ts'
export type { TypingUser } from './typingList.ts'
