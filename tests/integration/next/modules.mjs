/** Loads the client modules that a payload refers to, so that React finds them by the names that it has for them. */
export async function loadModules(urls) {
  const loaded = new Map(await Promise.all(urls.map(async (url) => [url, await import(url)])))
  globalThis.parcelRequire = Object.assign((url) => loaded.get(url), { meta: {} })
}
