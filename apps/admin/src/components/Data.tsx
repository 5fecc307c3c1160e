import { memo, useState } from 'react'
import { cut, readable } from '../words.ts'

/** The data of an entry as JSON; of much of it only the beginning, until one wants all. */
export const Data = memo(function Data({ data }: { readonly data: unknown }) {
  const [isWhole, setWhole] = useState(false)
  const beginning = cut(data)
  return (
    <div className="data">
      <pre data-testid="data">{beginning === undefined || isWhole ? readable(data) : beginning}</pre>
      {beginning !== undefined && (
        <button type="button" className="link" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Less' : 'All of it'}
        </button>
      )}
    </div>
  )
})
