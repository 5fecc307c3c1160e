// A thread of the server's process that tells what the process has used, also while its loop is too busy to be asked.
import { createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

const parentLookMs = 1_000

createServer((socket) => {
  const { user, system } = process.cpuUsage()
  socket.end(JSON.stringify({ cpuMs: (user + system) / 1_000, atMs: performance.now() }))
}).listen(workerData as string, () => parentPort?.postMessage('listening'))

// A server whose loop is drowned does not notice that its generator has gone.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}, parentLookMs)
