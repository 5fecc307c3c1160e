import { expect, expectTypeOf, test } from 'vitest'
import { defineConfig, type PresenceConfig } from './config.ts'
import { optionNames } from './server-options.ts'
import { settings } from './settings.ts'

test('a config says what flags and variables can, and what createPresenceServer takes beside them', () => {
  const config = { port: 4400, logLevel: 'debug', auth: () => null } as const
  expect(defineConfig(config)).toBe(config)
  // @ts-expect-error There is no such option.
  defineConfig({ prot: 4400 })
  // @ts-expect-error A number is wanted.
  defineConfig({ port: '4400' })
  // What this version refuses, such as redisUrl, is none of it.
  const names = settings.filter(({ help }) => help !== undefined).map(({ name }) => name)
  expect(names).toContain('adminToken')
  expectTypeOf<PresenceConfig>().toHaveProperty('adminToken')
  const typed: Record<keyof PresenceConfig, true> = {
    ...{ port: true, host: true, db: true, logLevel: true, jwtSecret: true, jwksUrl: true, jwtIssuer: true },
    ...{ jwtAudience: true, store: true, auth: true, open: true, origins: true, trustProxy: true, rooms: true },
    ...{
      limits: true,
      restart: true,
      graceMs: true,
      heldTtlMinMs: true,
      persistMs: true,
      flushMs: true,
      drainMs: true,
    },
    ...{ adminToken: true, static: true, logAddresses: true, logger: true },
  }
  const known = new Set([...names, ...optionNames.filter((name) => !name.includes('.'))])
  expect(new Set(Object.keys(typed))).toEqual(known)
})
