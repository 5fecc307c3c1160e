// Loaded before a program, gives it a wrong clock: as wrong at its start as its address says (`?shiftMs=`), and more so with
// every message. It says when it has heard one.
import { shiftDate } from './wrong-date.mjs'

shiftDate(Number(new URL(import.meta.url).searchParams.get('shiftMs')))
process.on('message', ({ shiftMs }) => {
  shiftDate(shiftMs)
  console.error(`The clock jumped by ${shiftMs} ms.`)
})
// The program ends when it wants to, whoever may still have something to say.
process.channel.unref()
