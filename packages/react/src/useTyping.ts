'use client'
import { useCallback, useContext, useEffect, useMemo, type FocusEvent, type FormEvent } from 'react'
import type { PresenceClient, PresenceRoom } from '@app/client'
import { composable, type Composable } from './composable.ts'
import { InvisibleContext } from './InvisibleContext.ts'
import type { RoomKey } from './register.ts'
import { roomOf } from './roomOf.ts'
import { typingList, type TypingUser } from './typingList.ts'
import { typingIdleMs, TypingSignal } from './TypingSignal.ts'
import { usePresenceClient } from './usePresenceClient.ts'
import { useStore, type Store } from './useStore.ts'

/** What `useTyping` may be told. */
export interface TypingOptions {
  /** How long after the last input I have stopped, in ms. Default: 3 000. */
  readonly idleMs?: number | undefined
  /** A room with several fields: I type into this one, and see only who does. Default: all of the room. */
  readonly field?: string | undefined
}

/** What follows an input, a textarea or an editable element. */
export interface TypingHandlers {
  onInput(event: FormEvent<HTMLElement>): void
  onBlur(event: FocusEvent<HTMLElement>): void
}

/** What `useTyping` gives. */
export interface TypingResult {
  /** The others who are typing: by user, so my own other tabs are not among them. The same list until that changes. */
  readonly typing: readonly TypingUser[]
  /**
   * For the field: `{...inputProps}`, or `{...inputProps.with({ onBlur })}` with handlers of your own. Whatever changes its
   * text counts (keys, paste, dictation, composition), and what does not, does not. Blur ends it, and so does the
   * field's form when it is sent.
   */
  readonly inputProps: Composable<TypingHandlers>
  /** I have typed, in an editor that has no such events: call it at every change. Ends by itself like any typing. */
  start(): void
  /** I have stopped, or sent it. */
  stop(): void
}

/**
 * Who is typing, and that I am. `room` is the room's own key; typing lives under a derived one. Throws `bad-key` during
 * render.
 */
export function useTyping(room: RoomKey, { idleMs = typingIdleMs, field }: TypingOptions = {}): TypingResult {
  const client = usePresenceClient()
  const entries = useMemo(() => roomOf(client, room, 'typing'), [client, room])
  const signal = useMemo(
    () => new TypingSignal(client.clock, entries, { clientId: client.clientId, field }, idleMs),
    [entries, client, field, idleMs],
  )
  const inputProps = useMemo(() => composable(handlers(signal)), [signal])
  const isInvisible = useContext(InvisibleContext)
  useEffect(() => (isInvisible ? undefined : signal.watch()), [signal, isInvisible])

  const store = useMemo(() => typingStore(client, entries, field), [client, entries, field])
  return {
    typing: useStore(store),
    inputProps,
    start: useCallback(() => signal.typed(), [signal]),
    stop: signal.stop,
  }
}

const nobody: readonly never[] = []

/** Who is typing in a room, or into one of its fields, besides me. */
function typingStore(
  client: PresenceClient,
  entries: PresenceRoom,
  field: string | undefined,
): Store<readonly TypingUser[]> {
  let list: readonly TypingUser[] = nobody
  return {
    subscribe: (tell) => entries.onChange(tell),
    getSnapshot: () => (list = typingList(entries.announced(), client, list, field)),
    getServerSnapshot: () => nobody,
  }
}

function handlers(signal: TypingSignal): TypingHandlers {
  return {
    onInput: ({ target }) => signal.typed((target as HTMLInputElement).form),
    onBlur: signal.stop,
  }
}
