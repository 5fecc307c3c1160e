import { defineConfig } from 'vitest/config'
import { reactAliases } from './scripts/lib/react-versions.mjs'
import { sourceAliases } from './scripts/lib/source-aliases.mjs'

const resolve = { alias: sourceAliases }

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            'packages/{protocol,client,server,testkit}/src/**/*.test.ts',
            'apps/{admin,bench}/src/**/*.test.ts',
            'scripts/**/*.test.mjs',
          ],
        },
      },
      ...(['react', 'react-18'] as const).map((name) => ({
        resolve: { alias: [...sourceAliases, ...(name === 'react' ? [] : reactAliases(18))] },
        test: {
          name,
          environment: 'jsdom',
          // Testing Library unmounts after each test only where it finds a global afterEach.
          globals: true,
          include: ['packages/react/src/**/*.test.{ts,tsx}'],
          exclude: ['**/react-17*.test.tsx'],
          env: { REACT_VERSION: name === 'react' ? '19' : '18' },
        },
      })),
      {
        resolve: { alias: [...sourceAliases, ...reactAliases(17)] },
        test: { name: 'react-17', environment: 'jsdom', include: ['packages/react/src/react-17*.test.tsx'] },
      },
      {
        resolve,
        test: {
          name: 'model',
          environment: 'node',
          include: ['tests/model/**/*.test.ts'],
          // The search is nothing but computing, and comes in two parts: a processor each, also where there are only two.
          maxWorkers: 2,
          pool: 'forks',
          testTimeout: 120_000,
        },
      },
      {
        resolve,
        test: {
          name: 'integration',
          environment: 'node',
          include: ['tests/integration/**/*.test.ts'],
          // Real sockets and child processes: a process each, and time to start one.
          pool: 'forks',
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      // Programs that wait for each other's leases need time, and hardly a processor; hundreds of clients need the machine.
      ...(['world', 'trouble'] as const).map((name) => ({
        resolve,
        test: {
          name,
          environment: 'node' as const,
          include: [`tests/world/${name === 'trouble' ? 'trouble' : '**/*'}.test.ts`],
          exclude: name === 'trouble' ? [] : ['tests/world/trouble.test.ts'],
          pool: 'forks' as const,
          maxWorkers: 3,
          testTimeout: process.env['PRESENCE_LONG'] ? 600_000 : 60_000,
        },
      })),
      {
        resolve,
        test: { name: 'soak', environment: 'node', include: ['tests/world/soak/run.soak.ts'], pool: 'forks' },
      },
    ],
  },
})
