export { PresenceProvider, type PresenceProviderProps } from './PresenceProvider.tsx'
export { usePresenceClient } from './usePresenceClient.ts'
