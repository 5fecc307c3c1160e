'use client'
import { createContext } from 'react'

/** Whether I only watch: the hooks put nothing of mine anywhere. */
export const InvisibleContext = createContext(false)
