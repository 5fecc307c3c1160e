import type { CursorMapping, Point, Size } from '@app/react'

/** The board's own space: positions on it are in these units, however it is panned and zoomed. */
export const world = { width: 1_600, height: 1_000 } as const

/** What one looks at: where the world's corner is in the container, in CSS px, and how many px one of its units is. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

const zoomMin = 0.1
const zoomMax = 4

/** A cursor is sent as a place in the world, and shown wherever that is for whoever looks. */
export function mappingOf({ x, y, zoom }: Camera): CursorMapping {
  return {
    toLocal: (point) => ({ x: (point.x - x) / zoom, y: (point.y - y) / zoom }),
    fromLocal: (position) => ({ x: position.x * zoom + x, y: position.y * zoom + y }),
  }
}

/** All of the world, in the middle; or, from a zoom on at which it can be read, what of it fits. */
export function fitting({ width, height }: Size, least = zoomMin): Camera {
  const zoom = clamp(Math.max(least, Math.min(width / world.width, height / world.height) * 0.96))
  return { x: (width - world.width * zoom) / 2, y: (height - world.height * zoom) / 2, zoom }
}

export function panned(camera: Camera, byX: number, byY: number): Camera {
  return { ...camera, x: camera.x + byX, y: camera.y + byY }
}

/** Nearer or farther; what is at `point`, in px of the container, stays there. */
export function zoomed(camera: Camera, factor: number, point: Point): Camera {
  const zoom = clamp(camera.zoom * factor)
  const scale = zoom / camera.zoom
  return { x: point.x - (point.x - camera.x) * scale, y: point.y - (point.y - camera.y) * scale, zoom }
}

function clamp(zoom: number): number {
  return Math.min(zoomMax, Math.max(zoomMin, zoom))
}
