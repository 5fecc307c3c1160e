import type { LogLevel } from './settings.ts'
import type { PresenceServerOptions } from './server-options.ts'

/** What `presence.config.mjs` exports. What is not said there has the defaults of `createPresenceServer`. */
export interface PresenceConfig extends PresenceServerOptions {
  /** Default: 4400; 0 for any free one. */
  readonly port?: number | undefined
  /** The address to listen on. Default: 127.0.0.1, this machine only. */
  readonly host?: string | undefined
  /** The SQLite file, or `:memory:`. Default: presence.db. */
  readonly db?: string | undefined
  /** Default: info. */
  readonly logLevel?: LogLevel | undefined
  /** Lets in users whose tokens are signed with it (HS256): at least 32 bytes. */
  readonly jwtSecret?: string | undefined
  /** Or with a key of this set, such as `https://id.example/.well-known/jwks.json`. */
  readonly jwksUrl?: string | undefined
  /** Who has to have made the tokens. Default: anyone. */
  readonly jwtIssuer?: string | undefined
  /** Whom the tokens have to be for. Default: anyone. */
  readonly jwtAudience?: string | undefined
}

/** Returns what it is given: for an editor that helps to write `export default defineConfig({ port: 4400 })`. */
export function defineConfig(config: PresenceConfig): PresenceConfig {
  return config
}
