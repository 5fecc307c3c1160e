// Loaded before the program: what its parent says reaches the connection that writes the database, as a pragma. That one
// lives in a thread, which is given nothing of this process but its code and its data.
import { syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'

const spoil = `{
  const { BroadcastChannel, workerData } = require('node:worker_threads')
  const Database = require(workerData.modulePath)
  const spoiled = new BroadcastChannel('disk')
  spoiled.unref()
  require.cache[workerData.modulePath].exports = class extends Database {
    constructor(...args) {
      super(...args)
      spoiled.onmessage = ({ data }) => this.pragma(data.pragma)
    }
  }
}`
threads.Worker = class extends threads.Worker {
  constructor(code, options) {
    super(spoil + code, options)
  }
}
syncBuiltinESMExports()

const disk = new threads.BroadcastChannel('disk')
disk.unref()
process.on('message', (message) => disk.postMessage(message))
// A file that may not grow is an error to who writes it, and not the end of the program.
process.on('SIGXFSZ', () => {})
