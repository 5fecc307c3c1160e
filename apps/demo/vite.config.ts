import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { pageAliases } from '../../scripts/lib/source-aliases.mjs'

const server = `http://127.0.0.1:${process.env.PRESENCE_PORT ?? 4400}`

export default defineConfig(({ command }) => ({
  plugins: [react()],
  // While we work on the packages, the demo follows their sources; what is built is what others would install.
  resolve: { alias: command === 'serve' ? pageAliases : [] },
  server: { proxy: { '/socket.io': { target: server, ws: true } } },
}))
