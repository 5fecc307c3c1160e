// Whoever reads the system's clock in this process reads a wrong one; the monotonic clock is right.
const RealDate = Date
let offsetMs = 0

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offsetMs)
    else super(...args)
  }
  static now() {
    return RealDate.now() + offsetMs
  }
}

/** The system's clock jumps. */
export function shiftDate(ms) {
  offsetMs += ms
}
