'use client'
import { useEffect, useState } from 'react'
import type { PresenceClient, PresenceClientOptions, PresenceError } from '@app/client'
import { OwnClient } from './OwnClient.ts'

/** A client made of options; null for null. Another `url` makes another client, another token or user logs in anew. */
export function useOwnClient(options: PresenceClientOptions | null): PresenceClient | null {
  const [made, setMade] = useState(() => options && new OwnClient(options))
  let own = made
  if (!options !== !made || options?.url !== made?.url) {
    own = options && new OwnClient(options)
    setMade(own)
  }

  // The error boundary gets it, as it does when the first user is no user.
  const [badUser, setBadUser] = useState<PresenceError | null>(null)
  if (badUser) throw badUser

  useEffect(() => {
    if (own && options) own.follow(options, setBadUser)
  }, [own, options])

  useEffect(() => {
    if (!own) return
    const release = own.take()
    // It was hidden for a while, and let go.
    if (own.client.status === 'closed') own.client.connect()
    return release
  }, [own])

  return own && own.client
}
