/** What a map holds under a key; made and kept there when it holds nothing. */
export function getOrMake<K, V extends object>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  let value = map.get(key)
  if (!value) map.set(key, (value = make()))
  return value
}
