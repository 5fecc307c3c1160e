// npm run build: every package through turbo (cached), then each packed, measured and checked as others will see it.
import { checkPackages } from './lib/check-packages.mjs'
import { checkSizes } from './lib/check-sizes.mjs'
import { endWithUs, run } from './lib/processes.mjs'
import { quietTools, tool } from './lib/tools.mjs'

endWithUs(130)
const { code } = await run(tool('turbo'), ['run', 'build', '--output-logs=new-only'], { env: quietTools })
if (code !== 0) process.exit(code)
for (const check of [checkSizes, checkPackages]) {
  const { code: checked, output } = await check()
  if (checked === 0) continue
  console.error(output)
  process.exit(checked)
}
process.exit(0)
