// npm run check:package: the built packages, packed and checked as others will see them.
import { checkPackages } from './lib/check-packages.mjs'

const { code, output } = await checkPackages()
if (code !== 0) console.error(output)
process.exit(code)
