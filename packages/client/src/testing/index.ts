/** A world in memory, for tests and stories: `@app/client/testing`. */
export {
  createPresenceWorld,
  type PresenceWorld,
  type PresenceWorldOptions,
  type WorldClient,
  type WorldClientOptions,
} from './world.ts'
