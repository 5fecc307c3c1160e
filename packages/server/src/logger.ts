/** Where the server says what happens to it; a pino logger is one. */
export interface Logger {
  debug(details: object, sentence: string): void
  info(details: object, sentence: string): void
  warn(details: object, sentence: string): void
  error(details: object, sentence: string): void
}

/** Says warnings and errors on the console and keeps the rest to itself. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (details, sentence) => console.warn(sentence, details),
  error: (details, sentence) => console.error(sentence, details),
}
