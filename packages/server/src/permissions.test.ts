import { describe, expect, test } from 'vitest'
import { permissionsOf } from './permissions.ts'

describe('permissions', () => {
  test('a list counts for reading and for writing', () => {
    const { mayRead, mayWrite } = permissionsOf(['pr:board', 'pr:team/*'], undefined)
    expect([mayRead('pr:board'), mayWrite('pr:board')]).toEqual([true, true])
    expect([mayRead('pr:team/a'), mayWrite('pr:team/a')]).toEqual([true, true])
    expect([mayRead('pr:other'), mayWrite('pr:other')]).toEqual([false, false])
  })

  test('reading and writing are apart', () => {
    const { mayRead, mayWrite } = permissionsOf({ read: ['pr:**'], write: ['pr:user-{userId}'] }, 'ada')
    expect([mayRead('pr:any/thing'), mayWrite('pr:any/thing')]).toEqual([true, false])
    expect([mayWrite('pr:user-ada'), mayWrite('pr:user-grace')]).toEqual([true, false])
    expect(permissionsOf({ write: ['pr:a'] }, undefined).mayRead('pr:a')).toBe(false)
  })

  test('derived keys follow their KEY', () => {
    const { mayRead, mayWrite } = permissionsOf({ read: ['pr:board'], write: [] }, undefined)
    expect([mayRead('pr:board/cursors'), mayWrite('pr:board/cursors')]).toEqual([true, false])
  })

  test('an answer stays right when many were asked for', () => {
    const { mayRead } = permissionsOf(['pr:room-*'], undefined)
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 1_500; i++) expect([mayRead(`pr:room-${i}`), mayRead(`pr:hall-${i}`)]).toEqual([true, false])
  })
})
