import { version } from 'react'
import { version as domVersion } from 'react-dom'
import { expect, test } from 'vitest'

test('these tests run on the React that they are meant for', () => {
  const wanted = process.env['REACT_VERSION']
  expect([version.split('.')[0], domVersion.split('.')[0]]).toEqual([wanted, wanted])
})
