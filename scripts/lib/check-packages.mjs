import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './processes.mjs'
import { tool } from './tools.mjs'

const published = ['protocol', 'client', 'react', 'server']

/** Packs each published package and looks at the tarball the way its users will: publint, then attw. */
export async function checkPackages() {
  const folder = mkdtempSync(join(tmpdir(), 'presence-pack-'))
  try {
    const pack = await run(
      'npm',
      [
        'pack',
        '--silent',
        '--ignore-scripts',
        '--pack-destination',
        folder,
        ...published.flatMap((name) => ['-w', `packages/${name}`]),
      ],
      { quiet: true },
    )
    if (pack.code !== 0) return pack
    // What needs a bundler to be imported is a package that fails on a server.
    const imported = await run(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        [
          ...published.map((name) => `@app/${name}`),
          ...['@app/protocol/effect', '@app/client/effect', '@app/server/effect', '@app/client/testing'],
        ]
          .map((name) => `await import('${name}')`)
          .join(';'),
      ],
      { quiet: true },
    )
    if (imported.code !== 0) return imported
    const results = await Promise.all(
      published.map(async (name) => {
        const tarball = readdirSync(folder).find((file) => file.startsWith(`app-${name}-`))
        if (!tarball) return { code: 1, output: `npm pack made no tarball for @app/${name}.` }
        const lint = await run(tool('publint'), ['run', '--strict', join(folder, tarball)], { quiet: true, cwd: root })
        if (lint.code !== 0) return lint
        return run(
          tool('attw'),
          ['--profile', 'esm-only', '--no-emoji', '--exclude-entrypoints', 'styles.css', '--', join(folder, tarball)],
          { quiet: true },
        )
      }),
    )
    const bad = results.filter(({ code }) => code !== 0)
    return { code: bad.length === 0 ? 0 : 1, output: bad.map(({ output }) => output).join('\n') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
