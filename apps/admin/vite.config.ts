import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { sourceAliases } from '../../scripts/lib/source-aliases.mjs'

const server = `http://127.0.0.1:${process.env.PRESENCE_PORT ?? 4400}`

export default defineConfig(({ command }) => ({
  // Wherever a proxy puts the server.
  base: './',
  plugins: [react()],
  resolve: { alias: command === 'serve' ? sourceAliases : [] },
  build: {
    // It is published within the server, with what it is made of.
    license: { fileName: 'licenses.md' },
    // Data in addresses would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/v1': server, '/metrics': server, '/readyz': server, '/socket.io': { target: server, ws: true } },
  },
}))
