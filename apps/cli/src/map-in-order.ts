/** Does the work of up to `most` items at once; → what came of them, in their order. Ends with the first failure. */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item>,
  most: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const working: Promise<Result>[] = [];
  for await (const item of items) {
    const result = work(item);
    result.catch(() => {}); // told when its turn comes
    working.push(result);
    const first = working.length >= most ? working.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const result of working) yield await result;
}
