import { join } from 'node:path'
import { root } from './processes.mjs'

/** The tools we use phone nobody and nag nobody. */
export const quietTools = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' }

/** A program that a dependency brought. */
export const tool = (name) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)
