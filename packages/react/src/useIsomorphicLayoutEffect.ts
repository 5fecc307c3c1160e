'use client'
import { useEffect, useLayoutEffect } from 'react'

/** `useLayoutEffect`, without the warning that React 17 and 18 give on a server, where neither runs. */
export const useIsomorphicLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect
