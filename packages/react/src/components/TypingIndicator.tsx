'use client'
import { forwardRef, type CSSProperties, type HTMLAttributes } from 'react'
import { classes } from '../classes.ts'
import { pageLanguage } from '../page.ts'
import type { RoomKey } from '../register.ts'
import { typingPhrase, type TypingStrings } from '../typingPhrase.ts'
import { useAnnouncement } from '../useAnnouncement.ts'
import { useTyping } from '../useTyping.ts'

/** Who is named, and in which words; any other attribute goes to its element. */
export interface TypingIndicatorProps extends Omit<HTMLAttributes<HTMLDivElement>, 'children'> {
  /** The room's own key, such as `pr:room-123`. */
  readonly room: RoomKey
  /** Only who types into this field: the `field` of their `useTyping`. */
  readonly field?: string | undefined
  /** With more people than this none is named. Default: 3. */
  readonly max?: number | undefined
  /** What it says, to speak another language; whatever is left out stays English. */
  readonly strings?: Partial<TypingStrings> | undefined
  /** How a list of names is written. Default: as the page's `lang` says, else as the reader's browser does. */
  readonly locale?: string | undefined
}

// The line is there before anybody types: nothing below it jumps.
const lineStyle: CSSProperties = { position: 'relative', minHeight: '1.5em' }
// For ears only. Without a size of its own it would not be read by all of them.
const spokenStyle: CSSProperties = {
  ...{ position: 'absolute', width: 1, height: 1, margin: -1, padding: 0, border: 0 },
  ...{ overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap' },
}

/**
 * Says who is typing: "Ada and Grace are typing". Never me, in none of my tabs. A screen reader is told of it less often than
 * it changes.
 */
export const TypingIndicator = forwardRef<HTMLDivElement, TypingIndicatorProps>(function TypingIndicator(
  { room, field, max = 3, strings, locale, className, style, ...rest },
  ref,
) {
  const { typing } = useTyping(room, { field })
  const names = typing.map(({ user }) => user?.name)
  const phrase = typingPhrase(names, { max, strings, locale: locale ?? pageLanguage() })
  const spoken = useAnnouncement(phrase)
  return (
    <div
      data-state={phrase === '' ? 'idle' : 'typing'}
      {...rest}
      ref={ref}
      className={classes('presence-typing', className)}
      style={{ ...lineStyle, ...style }}
    >
      {phrase !== '' && (
        <>
          <span className="presence-typing-dots" aria-hidden="true">
            <span />
            <span />
            <span />
          </span>
          <span className="presence-typing-text" aria-hidden="true">
            {phrase}
          </span>
        </>
      )}
      <span role="status" style={spokenStyle}>
        {spoken}
      </span>
    </div>
  )
})
