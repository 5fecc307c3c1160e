const ids = (text) => [...text.matchAll(/\*\*([A-Z]{1,2}\d+)\*\*/g)].map(([, id]) => id)

/** The rules of docs/spec.md: those that need a test, and those under "Not yet kept" that do not. */
export function rulesOf(spec) {
  const [, heading = '', notYet = ''] = /^(## Not yet kept\b.*)\n([^]*?)(?=^## |$(?![^]))/m.exec(spec) ?? []
  return { kept: ids(spec.replace(heading + '\n' + notYet, '')), notYet: ids(notYet) }
}

/** The ids that lead the titles of the tests in a file; of tests that do not run, none. */
export function citedIn(source) {
  const code = source.replace(/^\s*\/\/.*$/gm, '')
  const titles = /(?<!\.(?:skip|todo|fixme)\s*)(?<!describe\s*)\(\s*['"`]((?:\[[A-Z]{1,2}\d+\]\s*)+)/g
  return [...code.matchAll(titles)].flatMap(([, lead]) => [...lead.matchAll(/[A-Z]{1,2}\d+/g)].map(([id]) => id))
}

/** One sentence for each way in which rules and tests disagree. `tests` are `{ path, source }`. */
export function disagreements(spec, tests) {
  const { kept, notYet } = rulesOf(spec)
  const all = [...kept, ...notYet]
  const known = new Set(all)
  const cited = new Set()
  const wrong = []
  for (const id of known) {
    if (all.indexOf(id) !== all.lastIndexOf(id))
      wrong.push(`${id} stands in docs/spec.md more than once. One rule, one place.`)
  }
  for (const { path, source } of tests) {
    for (const id of new Set(citedIn(source))) {
      cited.add(id)
      if (!known.has(id)) wrong.push(`${path} names ${id}, which docs/spec.md does not have.`)
    }
  }
  for (const id of new Set(kept)) {
    if (!cited.has(id))
      wrong.push(`${id} has no test: let a title begin with [${id}], or move the rule to "Not yet kept".`)
  }
  return wrong
}
