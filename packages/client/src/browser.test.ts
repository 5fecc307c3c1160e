import { afterEach, expect, test, vi } from 'vitest'
import { pageOrigin, watchPage } from './browser.ts'

afterEach(() => vi.unstubAllGlobals())

/** As much of a page as the client looks at. */
function openPage() {
  const window = Object.assign(new EventTarget(), { location: { origin: 'https://a.example' } })
  const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', document)
  const told: string[] = []
  const stop = watchPage({
    onHide: () => told.push('hide'),
    onShow: () => told.push('show'),
    onHint: () => told.push('hint'),
  })
  return { window, document, told, stop }
}

test('[L4] a page that goes is told of, and one that comes back only when it had been kept', () => {
  const { window, told } = openPage()
  window.dispatchEvent(new Event('pagehide'))
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }))
  expect(told).toEqual(['hide'])
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  expect(told).toEqual(['hide', 'show'])
})

test('[R5] a network that is back, and a page that is seen or runs again, are hints; one that is hidden is none', () => {
  const { window, document, told } = openPage()
  document.dispatchEvent(new Event('visibilitychange'))
  document.dispatchEvent(new Event('freeze'))
  expect(told).toEqual([])
  document.visibilityState = 'visible'
  document.dispatchEvent(new Event('visibilitychange'))
  document.dispatchEvent(new Event('resume'))
  window.dispatchEvent(new Event('online'))
  expect(told).toEqual(['hint', 'hint', 'hint'])
})

test('a page is left alone once nobody watches it, and where there is none nothing happens', () => {
  const { window, told, stop } = openPage()
  stop()
  window.dispatchEvent(new Event('pagehide'))
  expect(told).toEqual([])
  vi.unstubAllGlobals()
  expect(pageOrigin()).toBeUndefined()
  watchPage({ onHide: () => {}, onShow: () => {}, onHint: () => {} })()
})
