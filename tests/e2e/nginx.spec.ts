import { freePort } from '../world/free-port.ts'
import { hasNginx, Nginx } from '../world/nginx.ts'
import { expect, serving, test } from './fixtures.ts'

test.use({ serverConfig: { open: true, trustProxy: 1, restart: 'resume', graceMs: 15_000 } })

test('[R3] [S1] two tabs meet through nginx and TLS, and neither sees the other leave while the server restarts', async ({
  openTab,
  browser,
  server,
  serverConfig,
}) => {
  test.skip(!hasNginx, 'nginx and openssl are not here (Debian: apt-get install nginx openssl).')
  const { static: pages, ...config } = serving(serverConfig).config
  const nginx = await Nginx.start({ ports: [server.port, await freePort()], root: pages })
  // They take a certificate that nobody has signed but itself.
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  try {
    const ada = await openTab('Ada', { by: nginx, context })
    const grace = await openTab('Grace', { by: nginx, context })
    await expect(ada.member('Grace')).toBeVisible()
    await expect(grace.names).toHaveCount(2)
    const counts = await ada.watchCounts()
    await server.stop()
    await server.start({ config })
    await expect(ada.connected).toBeVisible({ timeout: 35_000 })
    await expect(grace.connected).toBeVisible({ timeout: 35_000 })
    await grace.type('back')
    await expect(ada.typing).toContainText('Grace')
    expect(await counts()).toEqual([])
    await grace.close()
    await expect(ada.names).toHaveCount(1)
  } finally {
    await context.close()
    await nginx.end()
  }
})
