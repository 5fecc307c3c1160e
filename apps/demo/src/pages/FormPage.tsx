import type { PresenceEntry } from '@app/client'
import { AvatarStack, TypingIndicator, useOthers, userColor, useTyping, useUpdatePresence } from '@app/react'
import { useEffect, type CSSProperties } from 'react'
import { PageHead } from '../components/PageHead.tsx'
import { formFields, type FormField } from '../form-fields.ts'
import { roomOfPage } from '../page.ts'

/** In which field somebody is; in none: null. */
interface InField {
  readonly field: string | null
}

// Their names fit beside the label on a small screen.
const namesMax = 2

/** Who is in which field. What they write is theirs until they send it: that is for a database to keep. */
export function FormPage({ roomKey }: { readonly roomKey: string }) {
  const room = roomOfPage('form', roomKey)
  const update = useUpdatePresence<InField>(room)
  useEffect(() => update({ field: null }), [update])
  return (
    <div className="column">
      <PageHead title="Plan a visit" aside={<AvatarStack room={room} data-testid="faces" />}>
        Go into a field: everyone sees you in it, and whether you type.
      </PageHead>
      <form className="card form" onSubmit={(event) => event.preventDefault()}>
        {formFields.map((field) => (
          <Field key={field.name} room={room} field={field} onField={(name) => update({ field: name })} />
        ))}
      </form>
    </div>
  )
}

interface FieldProps {
  readonly room: string
  readonly field: FormField
  readonly onField: (name: string | null) => void
}

function Field({ room, field, onField }: FieldProps) {
  const { name, label } = field
  // The same entries are the same list: who moves between other fields renders nothing here.
  const others = useOthers<PresenceEntry<InField>[], InField>(room, (all) =>
    all.filter(({ data }) => data?.field === name),
  )
  const { inputProps } = useTyping(room, { field: name })
  const first = others[0]
  const ring = first && userColor(first.user, first.clientId).color
  const names = others.map(({ user }) => user?.name ?? 'A guest')
  const common = {
    id: `field-${name}`,
    name,
    'aria-describedby': `field-${name}-who`,
    'data-testid': `field-${name}`,
    onFocus: () => onField(name),
  }
  const leave = () => onField(null)
  return (
    <div
      className="field"
      data-field={name}
      data-taken={others.length > 0 || undefined}
      style={{ '--ring': ring } as CSSProperties}
    >
      <div className="field-head">
        <label htmlFor={common.id}>{label}</label>
        <span className="field-tags" aria-hidden="true">
          {others.slice(0, namesMax).map(({ user, clientId }, at) => {
            const { color, textColor } = userColor(user, clientId)
            return (
              <bdi
                key={clientId}
                className="field-tag"
                style={{ backgroundColor: color, color: textColor }}
                data-testid="in-field"
              >
                {names[at]}
              </bdi>
            )
          })}
          {others.length > namesMax && <span className="field-more">+{others.length - namesMax}</span>}
        </span>
        <span id={`field-${name}-who`} className="visually-hidden">
          {names.length > 0 && `Also here: ${names.join(', ')}`}
        </span>
      </div>
      {field.kind === 'choice' ? (
        <select {...common} onBlur={leave}>
          {field.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : field.kind === 'long' ? (
        <textarea {...common} {...inputProps.with({ onBlur: leave })} rows={4} placeholder={field.hint} />
      ) : (
        <input {...common} {...inputProps.with({ onBlur: leave })} placeholder={field.hint} autoComplete="off" />
      )}
      {field.kind !== 'choice' && <TypingIndicator room={room} field={name} data-testid={`typing-${name}`} />}
    </div>
  )
}
