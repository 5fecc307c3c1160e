import { Fragment, memo, useCallback, useState } from 'react'
import type { Api } from '../api.ts'
import { foldParts, type RoomRow } from '../fold.ts'
import { hashOf, prefixOf } from '../route.ts'
import { usePoll } from '../usePoll.ts'
import { counted } from '../words.ts'

const everyMs = 2_000
// Of the server; with its cursors and its typing a room is three of them.
const limit = '150'

/** The rooms of the server, as they are. */
export const Rooms = memo(function Rooms({ api }: { readonly api: Api }) {
  const [search, setSearch] = useState('')
  const [tenant, setTenant] = useState('')
  // Where each page begins, up to the one that is shown.
  const [starts, setStarts] = useState<readonly (string | undefined)[]>([undefined])
  const after = starts.at(-1)

  const load = useCallback(
    (signal: AbortSignal) =>
      api.rooms({ limit, after, prefix: prefixOf(search), tenant: tenant.trim() || undefined }, signal),
    [api, after, search, tenant],
  )
  const { value, error } = usePoll(load, everyMs)
  const next = value?.next ?? null
  const rows = foldParts(value?.rooms ?? [])
  const hasTenants = tenant !== '' || rows.some((row) => row.tenant !== undefined)
  const ask = (set: (text: string) => void) => (text: string) => {
    set(text)
    setStarts([undefined])
  }

  return (
    <section className="card rooms" aria-labelledby="rooms-title">
      <div className="rooms-head">
        <h1 id="rooms-title">
          Rooms
          {value && (
            <span className="count" data-testid="room-count">
              {rows.length}
              {next !== null && '+'}
            </span>
          )}
        </h1>
        <div className="filters" role="search">
          {hasTenants && <Filter label="Tenant" value={tenant} placeholder="All tenants" onChange={ask(setTenant)} />}
          <Filter
            label="Keys that begin with"
            value={search}
            placeholder="Keys that begin with…"
            onChange={ask(setSearch)}
          />
        </div>
      </div>
      {error !== undefined && (
        <p role="alert" className="fault">
          {(error as Error).message} What is shown may be old.
        </p>
      )}
      {value && rows.length === 0 ? (
        <p className="nothing muted">
          {search === '' && tenant === ''
            ? 'Nobody is anywhere. A room is here while somebody is in it or listens.'
            : 'No room is called so.'}
        </p>
      ) : (
        <RoomsTable rows={rows} hasTenants={hasTenants} />
      )}
      {(starts.length > 1 || next !== null) && (
        <nav className="pages" aria-label="Pages of rooms">
          <button
            type="button"
            className="button"
            disabled={starts.length === 1}
            onClick={() => setStarts(starts.slice(0, -1))}
          >
            Back
          </button>
          <span className="muted" aria-current="page">
            Page {starts.length}
          </span>
          <button
            type="button"
            className="button"
            // Until the next page is there, what is shown says nothing of the one behind it.
            disabled={next === null || next === after}
            onClick={() => setStarts([...starts, next ?? undefined])}
          >
            Next
          </button>
        </nav>
      )}
    </section>
  )
})

interface FilterProps {
  readonly label: string
  readonly value: string
  readonly placeholder: string
  readonly onChange: (text: string) => void
}

function Filter({ label, value, placeholder, onChange }: FilterProps) {
  return (
    <input
      className="field"
      type="search"
      aria-label={label}
      placeholder={placeholder}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}

interface RoomsTableProps {
  readonly rows: readonly RoomRow[]
  readonly hasTenants: boolean
}

function RoomsTable({ rows, hasTenants }: RoomsTableProps) {
  return (
    <table aria-labelledby="rooms-title" data-testid="rooms">
      <thead>
        <tr>
          <th scope="col">Key</th>
          {hasTenants && <th scope="col">Tenant</th>}
          <th scope="col" className="number">
            Users
          </th>
          <th scope="col" className="number">
            Clients
          </th>
          <th scope="col" className="number">
            Listeners
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.key} ${row.tenant ?? ''}`} data-testid="room" data-key={row.key}>
            <th scope="row">
              <a href={hashOf(row.key, row.tenant)}>{breakable(row.key)}</a>
              <Parts parts={row.parts} />
            </th>
            {hasTenants && <td className="muted">{row.tenant ?? '–'}</td>}
            <td className="number">{row.users.toLocaleString('en')}</td>
            <td className="number">{row.clients.toLocaleString('en')}</td>
            <td className="number">{row.listeners.toLocaleString('en')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A key that is too long for its place goes on after a slash, if it can. */
function breakable(key: string) {
  return key.split(/(?<=\/)/).map((part, at) => (
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}

function Parts({ parts: { cursors = 0, typing = 0 } }: Pick<RoomRow, 'parts'>) {
  const words = [cursors > 0 ? counted(cursors, 'cursor') : '', typing > 0 ? `${typing} typing` : ''].filter(Boolean)
  return words.length === 0 ? null : <span className="parts">{words.join(' · ')}</span>
}
