/** Reads the first bytes of a stream. → them, fewer if it ends before, and the whole stream from its beginning. */
export async function peek(
  source: AsyncIterable<Buffer>,
  count: number,
): Promise<{ readonly start: Buffer; readonly bytes: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  while (start.length < count) {
    const next = await iterator.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      yield start;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { start, bytes: whole() };
}
