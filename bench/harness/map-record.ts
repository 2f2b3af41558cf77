/** The results of a function for each value, one after the other, under the same keys. */
export async function mapRecord<Key extends string, Value, Result>(
  record: Readonly<Record<Key, Value>>,
  map: (value: Value, key: Key) => Promise<Result>,
): Promise<Record<Key, Result>> {
  const mapped: Partial<Record<Key, Result>> = {};
  for (const key in record) mapped[key] = await map(record[key], key);
  const isComplete = (some: Partial<Record<Key, Result>>): some is Record<Key, Result> =>
    Object.keys(some).length === Object.keys(record).length;
  if (!isComplete(mapped)) throw new Error("a key was left out");
  return mapped;
}
