import type { ReactNode } from 'react'

interface PageHeadProps {
  readonly title: string
  readonly children: ReactNode
  /** Who is on the page. */
  readonly aside?: ReactNode
}

/** What a page shows, in a sentence. */
export function PageHead({ title, children, aside }: PageHeadProps) {
  return (
    <div className="page-head">
      <div>
        <h2>{title}</h2>
        <p className="muted">{children}</p>
      </div>
      {aside}
    </div>
  )
}
