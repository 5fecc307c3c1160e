import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './script.ts'

/** A page of the documentation. */
export interface Page {
  /** From the root, with slashes. */
  readonly path: string
  readonly text: string
}

/** A fenced block of code. */
export interface Fence {
  readonly page: string
  readonly line: number
  /** The words after the backticks, such as `ts run`. */
  readonly info: string
  readonly code: string
}

/** Every file of the project that is not made by a tool, from the root, with slashes. */
export function projectFiles(folder = ''): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (/^(node_modules|dist|test-results|\..*)$/.test(entry.name) && entry.name !== '.ci') return []
    return entry.isDirectory() ? projectFiles(path) : [path]
  })
}

/** What a reader of the project reads. */
export const pages: readonly Page[] = projectFiles()
  .filter((path) => /^(README|CONTRIBUTING|docs\/.*|(packages|apps)\/\w+\/(README|PROTOCOL))\.md$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

/** Every fenced block, in the order in which they stand. */
export const fences: readonly Fence[] = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(({ index, 1: info = '', 2: code = '' }) => ({
    page: path,
    line: text.slice(0, index).split('\n').length,
    info,
    code,
  })),
)

/** What a block says that it prints: the block of text that follows it on its page. */
export function promisedOutput(fence: Fence): string | undefined {
  const next = fences[fences.indexOf(fence) + 1]
  return next?.page === fence.page && next.info === 'text' ? next.code : undefined
}
