import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { PresenceEntry } from '@app/client'
import type { OnlineUser } from './onlineUsers.ts'
import { useOnlineUsers } from './useOnlineUsers.ts'
import { useOthers } from './useOthers.ts'
import { usePresence } from './usePresence.ts'
import { useSelf } from './useSelf.ts'
import { useUpdatePresence } from './useUpdatePresence.ts'

const schema = z.object({ x: z.number(), label: z.string().default('') })
type In = { x: number; label?: string | undefined }
type Out = { x: number; label: string }

// Checked by the compiler: the functions are never called.
test('[P9] what is put has the schema’s input type, what is read its output type', () => {
  const useWithData = () => usePresence('pr:a', { schema, data: { x: 1 } })
  expectTypeOf<ReturnType<typeof useWithData>['others']>().toEqualTypeOf<readonly PresenceEntry<Out>[]>()
  const useWatching = () => usePresence('pr:a', { schema })
  const usePlain = () => usePresence('pr:a', { data: { any: 'thing' } })
  expectTypeOf<ReturnType<typeof usePlain>['self']>().toEqualTypeOf<PresenceEntry | null>()
  const useClaimed = () => usePresence<Out>('pr:a')
  expectTypeOf<ReturnType<typeof useClaimed>['self']>().toEqualTypeOf<PresenceEntry<Out> | null>()

  function useAll() {
    useWithData().update((current) => ({ ...current, x: current.x + 1 }))
    useWithData().heartbeat({ x: 1 }, 5_000)
    // @ts-expect-error Another type than the schema's input.
    useWithData().update({ x: 'one' })
    // @ts-expect-error As above.
    usePresence('pr:a', { schema, data: { x: 'one' } })
    // @ts-expect-error Who only watches may have no data yet.
    useWatching().update((current) => ({ x: current.x + 1 }))
    useWatching().update((current) => ({ x: (current?.x ?? 0) + 1 }))
    usePlain().update((current) => [current])
    expectTypeOf(useOthers('pr:a')).toEqualTypeOf<readonly PresenceEntry[]>()
    expectTypeOf(useOthers('pr:a', (others) => others.length)).toEqualTypeOf<number>()
    expectTypeOf(useOthers('pr:a', { schema })).toEqualTypeOf<readonly PresenceEntry<Out>[]>()
    expectTypeOf(useOthers('pr:a', { schema, selector: (all) => all[0]?.data.label })).toEqualTypeOf<
      string | undefined
    >()
    expectTypeOf(useOnlineUsers('pr:a')).toEqualTypeOf<readonly OnlineUser[]>()
    expectTypeOf(useOnlineUsers('pr:a', (users) => users.length)).toEqualTypeOf<number>()
    expectTypeOf(useOnlineUsers('pr:a', { schema })).toEqualTypeOf<readonly OnlineUser<Out>[]>()
    expectTypeOf(useSelf('pr:a', { schema })).toEqualTypeOf<PresenceEntry<Out> | null>()
    const update = useUpdatePresence('pr:a', { schema })
    update((current) => expectTypeOf(current).toEqualTypeOf<In | undefined>() && { x: 1 })
    // @ts-expect-error Another type than the schema's input.
    update('one')
  }
  expectTypeOf(useAll).toBeFunction()
})
