import type { ReactNode } from 'react'

/** Three prints to point at. */
export function Prints() {
  return (
    <ul className="prints">
      <Print title="Tide" by="No. 1">
        <rect width="300" height="400" fill="#e9e2d0" />
        <circle cx="205" cy="120" r="52" fill="#e2725b" />
        <path d="M0 190q75-50 150 0t150 0v210H0z" fill="#7fb7be" />
        <path d="M0 250q75-50 150 0t150 0v150H0z" fill="#3f7d8c" />
        <path d="M0 315q75-50 150 0t150 0v85H0z" fill="#1f4e5f" />
      </Print>
      <Print title="Orchard" by="No. 2">
        <rect width="300" height="400" fill="#24483e" />
        {[0, 1, 2, 3].flatMap((row) =>
          [0, 1, 2].map((column) => (
            <circle
              key={`${row}${column}`}
              cx={60 + column * 90}
              cy={62 + row * 92}
              r={(row + column) % 3 === 1 ? 26 : 36}
              fill={['#f2b134', '#e8dcb5', '#d96c3b'][(row * 2 + column) % 3]}
            />
          )),
        )}
      </Print>
      <Print title="Signal" by="No. 3">
        <rect width="300" height="400" fill="#f3d9d0" />
        {[200, 158, 116, 74].map((radius, i) => (
          <circle key={radius} cx="60" cy="340" r={radius} fill={['#b8336a', '#f3d9d0', '#7d2e68', '#f3d9d0'][i]} />
        ))}
        <circle cx="60" cy="340" r="32" fill="#251d3a" />
        <circle cx="226" cy="92" r="30" fill="#251d3a" />
      </Print>
    </ul>
  )
}

function Print({ title, by, children }: { readonly title: string; readonly by: string; readonly children: ReactNode }) {
  return (
    <li className="print">
      <svg viewBox="0 0 300 400" role="img" aria-label={title}>
        {children}
      </svg>
      <p>
        {title} <span className="muted">{by}</span>
      </p>
    </li>
  )
}
