interface BoardToolsProps {
  readonly zoom: number
  readonly onZoom: (factor: number) => void
  /** By how much everything moves, in CSS px. */
  readonly onPan: (x: number, y: number) => void
  readonly onFit: () => void
}

const stepPx = 80

// Arrows point to where one looks next, so everything goes the other way.
const directions = [
  { name: 'Look left', x: stepPx, y: 0, path: 'M10 3.5 5.5 8l4.5 4.5' },
  { name: 'Look up', x: 0, y: stepPx, path: 'M3.5 10 8 5.5l4.5 4.5' },
  { name: 'Look down', x: 0, y: -stepPx, path: 'M3.5 6 8 10.5 12.5 6' },
  { name: 'Look right', x: -stepPx, y: 0, path: 'M6 3.5 10.5 8 6 12.5' },
] as const

/** Panning and zooming for those who do not drag and turn wheels. */
export function BoardTools({ zoom, onZoom, onPan, onFit }: BoardToolsProps) {
  return (
    <div className="board-tools" role="group" aria-label="The view">
      <Tool name="Zoom out" path="M3.5 8h9" onClick={() => onZoom(1 / 1.25)} />
      <output className="board-zoom" data-testid="zoom">
        {Math.round(zoom * 100)} %
      </output>
      <Tool name="Zoom in" path="M3.5 8h9M8 3.5v9" onClick={() => onZoom(1.25)} />
      <span className="board-tools-line" aria-hidden="true" />
      {directions.map(({ name, x, y, path }) => (
        <Tool key={name} name={name} path={path} onClick={() => onPan(x, y)} />
      ))}
      <Tool name="Show all" path="M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3" onClick={onFit} />
    </div>
  )
}

interface ToolProps {
  readonly name: string
  readonly path: string
  readonly onClick: () => void
}

function Tool({ name, path, onClick }: ToolProps) {
  return (
    <button type="button" className="tool" aria-label={name} title={name} onClick={onClick}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" className="icon">
        <path d={path} />
      </svg>
    </button>
  )
}
