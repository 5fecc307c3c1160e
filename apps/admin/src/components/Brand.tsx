export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 32 24" width="28" height="21" aria-hidden="true">
        <circle cx="12" cy="12" r="9" fill="#4f46e5" />
        <circle cx="22" cy="12" r="7.5" fill="#f59e0b" stroke="var(--behind)" strokeWidth="2" />
      </svg>
      Presence
    </span>
  )
}
