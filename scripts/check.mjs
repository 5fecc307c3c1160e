// npm run check: types, lint with walls and promises, format, dead code, workspaces, rules, reference.
import { checks } from './lib/checks.mjs'
import { endWithUs } from './lib/processes.mjs'
import { runSteps } from './lib/steps.mjs'

endWithUs(130)
process.exit((await runSteps(checks)) === undefined ? 0 : 1)
