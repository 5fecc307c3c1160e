'use client'
import {
  forwardRef,
  memo,
  useEffect,
  useRef,
  useState,
  type FocusEvent,
  type HTMLAttributes,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefAttributes,
} from 'react'
import { classes } from '../classes.ts'
import { composable } from '../composable.ts'
import { initials } from '../initials.ts'
import { isSameJson } from '../isSameJson.ts'
import { keptFocus } from '../keptFocus.ts'
import type { OnlineUser } from '../onlineUsers.ts'
import { onPressOutside } from '../page.ts'
import type { RoomKey, RoomOutput } from '../register.ts'
import { useOnlineUsers, type OnlineUsers } from '../useOnlineUsers.ts'
import { userColor } from '../userColor.ts'
import { wordsOf } from '../wordsOf.ts'

/** What a face of your own has to show. */
export interface AvatarToDraw<T = unknown> {
  readonly user: OnlineUser<T>
  /** It stands in the list, with its name written beside it; else say the name yourself (`alt`, `aria-label`). */
  readonly isNamed: boolean
  /** The user's name, or what `strings` calls somebody without one. */
  readonly name: string
  /** At most two letters; empty without a name. */
  readonly initials: string
  /** The user's colour, or one derived from who they are. */
  readonly color: string
  /** A colour in which text can be read on it. */
  readonly textColor: string
}

/** What the stack says; replace them to speak another language. */
export interface AvatarStackStrings {
  /** What the faces are, for a screen reader. */
  label: string
  /** On the button: so many are not shown. */
  more(hidden: number): string
  /** What a screen reader says of the button; begin it with what is written there. */
  showAll(hidden: number, all: number): string
  /** Somebody without a name. */
  someone: string
  /** Me, among the others. */
  me(name: string): string
}

const english: AvatarStackStrings = {
  label: 'Who is here',
  more: (hidden) => `+${hidden}`,
  showAll: (hidden, all) => `+${hidden}, all ${all} who are here`,
  someone: 'A guest',
  me: (name) => `${name} (you)`,
}

/** What the stack shows; any other attribute goes to its element. */
export interface AvatarStackProps<K extends RoomKey = RoomKey> extends Omit<
  HTMLAttributes<HTMLDivElement>,
  'children'
> {
  /** The room's own key, such as `pr:room-123`. */
  readonly room: K
  /** How many faces are shown; the others are in the list that `+N` opens. Default: 5. */
  readonly max?: number | undefined
  /** Only these users; an inline function costs nothing. Default: everyone, me included. */
  readonly filter?: ((user: OnlineUser<RoomOutput<K>>) => boolean) | undefined
  /** Draws a face of your own. It may show the user's data, so each change of those is a commit. */
  readonly renderAvatar?: ((avatar: AvatarToDraw<RoomOutput<K>>) => ReactNode) | undefined
  /** What it says, to speak another language; whatever is left out stays English. */
  readonly strings?: Partial<AvatarStackStrings> | undefined
}

/**
 * Who is here, one face per user in the order they came: the picture (`avatarUrl`), or the initials on the user's colour. It
 * only looks, so I am among them where another hook puts me there. `data-state` is `empty`, `closed`, or `open` with its list.
 */
export const AvatarStack = forwardRef<HTMLDivElement, AvatarStackProps>(function AvatarStack(
  { room, max = 5, filter, renderAvatar, strings, className, ...rest },
  ref,
) {
  const select = (everyone: OnlineUsers) => (filter ? everyone.filter(filter) : everyone)
  // Our own faces show nothing of the data, so a room full of moving data costs no commit.
  const users = useOnlineUsers(room, select as never, renderAvatar ? undefined : isSameFaces)
  /** The button that has opened the list. */
  const [opener, setOpener] = useState<HTMLElement | null>(null)
  const [keep] = useState(keptFocus)
  const isOpen = opener !== null
  const close = () => setOpener(null)
  useEffect(
    () => (opener?.parentElement ? onPressOutside(opener.parentElement, () => setOpener(null)) : undefined),
    [opener],
  )

  const say = wordsOf(english, strings)
  const face = (user: OnlineUser, isNamed: boolean) => {
    const name = user.user?.name || say.someone
    return (
      <li key={user.userId} data-user-id={user.userId} data-me={user.isMe || undefined}>
        <Face user={user} name={user.isMe ? say.me(name) : name} render={renderAvatar as Render} isNamed={isNamed} />
      </li>
    )
  }
  const hidden = Math.max(users.length - max, 0)
  const ours = composable({
    onKeyDown: (event: KeyboardEvent) => {
      if (!opener || event.key !== 'Escape') return
      // One press, one thing closed: not also the dialog around.
      event.preventDefault()
      event.stopPropagation()
      close()
      opener.focus()
    },
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => {
      if (relatedTarget && !currentTarget.contains(relatedTarget)) close()
    },
  })
  return (
    <div
      role="group"
      aria-label={say.label}
      data-state={users.length === 0 ? 'empty' : isOpen ? 'open' : 'closed'}
      {...ours.with(rest)}
      ref={ref}
      className={classes('presence-avatars', className)}
    >
      {users.length > 0 && (
        // A list without bullets is none to Safari, unless it is told.
        <ul role="list" className="presence-avatars-faces">
          {users.slice(0, max).map((user) => face(user, false))}
        </ul>
      )}
      {/* Open, it stays when there is nothing more to show: who reads the list must not lose it. */}
      {(hidden > 0 || isOpen) && (
        <button
          ref={keep}
          type="button"
          dir="auto"
          className="presence-avatar"
          aria-label={say.showAll(hidden, users.length)}
          aria-expanded={isOpen}
          onClick={({ currentTarget }) => setOpener(isOpen ? null : currentTarget)}
        >
          {say.more(hidden)}
        </button>
      )}
      {isOpen && (
        // It may scroll, and a keyboard scrolls only what it can reach.
        <ul role="list" className="presence-avatars-list" aria-label={say.label} tabIndex={0}>
          {users.map((user) => face(user, true))}
        </ul>
      )}
    </div>
  )
}) as <K extends RoomKey>(props: AvatarStackProps<K> & RefAttributes<HTMLDivElement>) => ReactElement

/** How a face is drawn. */
type Render = ((avatar: AvatarToDraw) => ReactNode) | undefined

const Face = memo(function Face({
  user,
  name,
  render,
  isNamed,
}: {
  readonly user: OnlineUser
  readonly name: string
  readonly render: Render
  readonly isNamed: boolean
}) {
  const { color, textColor } = userColor(user.user, user.clientIds[0])
  const letters = initials(user.user?.name)
  const label = isNamed ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name, title: name }
  return (
    <>
      {render ? (
        render({ user, isNamed, name, initials: letters, color, textColor })
      ) : (
        <span className="presence-avatar" style={{ backgroundColor: color, color: textColor }} {...label}>
          {letters || '?'}
          <Picture url={user.user?.avatarUrl} />
        </span>
      )}
      {isNamed && <span>{name}</span>}
    </>
  )
})

/** A user's picture, over the initials; nothing where it does not load. */
function Picture({ url }: { readonly url: string | undefined }) {
  const image = useRef<HTMLImageElement>(null)
  const [broken, setBroken] = useState<string>()
  useEffect(() => {
    // In a page that the server made it may have failed before anyone listened.
    if (image.current?.complete) image.current.decode?.().catch(() => setBroken(url))
  }, [url])
  if (!url || url === broken) return null
  return (
    <img
      ref={image}
      src={url}
      alt=""
      width="32"
      height="32"
      referrerPolicy="no-referrer"
      draggable={false}
      onError={() => setBroken(url)}
    />
  )
}

function isSameFaces(before: OnlineUsers, now: OnlineUsers): boolean {
  return (
    before.length === now.length &&
    now.every(({ userId, isMe, user }, at) => {
      const was = before[at]
      return was?.userId === userId && was.isMe === isMe && isSameJson(was.user, user)
    })
  )
}
