import { run } from './processes.mjs'
import { tool } from './tools.mjs'

const quietly =
  (command, ...args) =>
  () =>
    run(command, args, { quiet: true })

/** What can be said about the code without running it, the quickest to fail first. */
export const checks = [
  { name: 'types', run: quietly(tool('tsc'), '-b') },
  { name: 'lint and walls', run: quietly(tool('oxlint')) },
  { name: 'format', run: quietly(tool('oxfmt'), '--check') },
  { name: 'dead code', run: quietly(tool('knip')) },
  { name: 'workspaces', run: quietly(tool('sherif')) },
  { name: 'rules', run: quietly(process.execPath, 'scripts/check-spec.mjs') },
  { name: 'reference', run: quietly(process.execPath, 'scripts/docs.mjs', '--check') },
]
