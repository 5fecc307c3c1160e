/** Our class, and those of the caller after it. */
export function classes(ours: string, theirs = ''): string {
  return `${ours} ${theirs}`.trim()
}
