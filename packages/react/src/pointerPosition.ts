/** Two numbers: a point in the container, in CSS px from its corner, or a position as it is sent. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A position as it is sent: in the container, or in the anchor of that name as fractions of its size. */
export interface Position extends Point {
  readonly anchor?: string
}

/** The container, in CSS px. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** How points become positions that mean the same on every screen, and back: for boards that pan, zoom or scroll. */
export interface CursorMapping {
  toLocal(point: Point, size: Size): Point
  fromLocal(position: Point, size: Size): Point
}

/** What is asked of an element; a test passes numbers. */
type Box = Pick<
  HTMLElement,
  'getBoundingClientRect' | 'clientLeft' | 'clientTop' | 'clientWidth' | 'clientHeight' | 'offsetWidth' | 'offsetHeight'
>

/** Fractions of the container, so that a cursor over the third column is over it on every screen. */
export const fractions: CursorMapping = {
  toLocal: ({ x, y }, { width, height }) => ({ x: fraction(x, width), y: fraction(y, height) }),
  fromLocal: ({ x, y }, { width, height }) => ({ x: x * width, y: y * height }),
}

/** Pixels of the container from its corner, for content of a fixed size that scrolls with it. */
const pixels: CursorMapping = { toLocal: (point) => point, fromLocal: (position) => position }

/** What positions are when nothing else is said. */
export type CursorSpace = 'fraction' | 'pixel'

export const mappings: Readonly<Record<CursorSpace, CursorMapping>> = { fraction: fractions, pixel: pixels }

/** Where the pointer is in an element, also when an ancestor is scaled. */
export function pointIn(box: Box, clientX: number, clientY: number): Point {
  const rect = box.getBoundingClientRect()
  // The rectangle is what the eye sees; the layer is drawn in the element's own px.
  const scaleX = box.offsetWidth > 0 ? rect.width / box.offsetWidth : 1
  const scaleY = box.offsetHeight > 0 ? rect.height / box.offsetHeight : 1
  return {
    x: (clientX - rect.left) / scaleX - box.clientLeft,
    y: (clientY - rect.top) / scaleY - box.clientTop,
  }
}

/** The inside of an element. An inline element has none of its own: then its rectangle counts. */
export function sizeOf(box: Box): Size {
  const { clientWidth: width, clientHeight: height } = box
  return width > 0 && height > 0 ? { width, height } : box.getBoundingClientRect()
}

/** A ten-thousandth is finer than a pixel on any screen, and short on the wire. */
export function rounded({ x, y }: Point): Point {
  return { x: Math.round(x * 10_000) / 10_000, y: Math.round(y * 10_000) / 10_000 }
}

/** The position in an entry of a peer, who may have put anything; null when it is none. */
export function parsePosition(data: unknown): Position | null {
  const { x, y, anchor } = (data ?? {}) as Record<string, unknown>
  if (typeof x !== 'number' || typeof y !== 'number') return null
  return typeof anchor === 'string' ? { x, y, anchor } : { x, y }
}

// A captured pointer may be outside; its cursor stays at the edge.
function fraction(px: number, wholePx: number): number {
  return wholePx > 0 ? Math.min(1, Math.max(0, px / wholePx)) : 0
}
