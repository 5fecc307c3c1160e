const manners = ['Amber', 'Brave', 'Calm', 'Clever', 'Cosmic', 'Curious', 'Daring', 'Gentle', 'Golden', 'Happy'].concat(
  ['Lucky', 'Mellow', 'Merry', 'Noble', 'Quiet', 'Rapid', 'Silver', 'Sunny', 'Velvet', 'Witty'],
)
const animals = ['Badger', 'Bison', 'Crane', 'Dolphin', 'Falcon', 'Ferret', 'Fox', 'Gecko', 'Heron', 'Ibis', 'Koala']
  .concat(['Lemur', 'Lynx', 'Marten', 'Moose', 'Newt', 'Orca', 'Otter', 'Owl', 'Panda', 'Puffin', 'Raven', 'Robin'])
  .concat(['Seal', 'Sparrow', 'Stork', 'Tapir', 'Tern', 'Vole', 'Wombat', 'Yak', 'Zebra'])

/** A name for somebody who brought none. `random` gives numbers in [0, 1). */
export function friendlyName(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? ''
  return `${pick(manners)} ${pick(animals)}`
}

const storageKey = 'presence-demo-name'

/** The tab's name: the same after a reload, another one in another tab. */
export function rememberedName(): string {
  try {
    const name = sessionStorage.getItem(storageKey) ?? friendlyName(Math.random)
    sessionStorage.setItem(storageKey, name)
    return name
  } catch {
    // A browser may keep no storage at all.
    return friendlyName(Math.random)
  }
}
