import { Profiler, type ReactElement, type ReactNode } from 'react'

/** Counts the React commits of what is rendered inside its frame. */
export function countCommits() {
  const counter = {
    commits: 0,
    frame: (children: ReactNode): ReactElement => (
      <Profiler id="counted" onRender={() => void counter.commits++}>
        {children}
      </Profiler>
    ),
  }
  return counter
}
