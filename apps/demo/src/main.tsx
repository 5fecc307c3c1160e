// First of all, before React and Socket.IO are loaded.
import './meter/commits.ts'
import './meter/traffic.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@app/react/styles.css'
import './demo.css'
import './tour.css'
import { App } from './App.tsx'
import { rememberedName } from './friendly-name.ts'
import { visitOf } from './visit.ts'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has lost its #root')

createRoot(root).render(
  <StrictMode>
    <App visit={visitOf(location.search, rememberedName())} />
  </StrictMode>,
)
