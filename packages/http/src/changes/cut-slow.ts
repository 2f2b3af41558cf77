/**
 * Hands texts on, and calls `cut` when one was handed out and the next is not asked for in time: whoever reads them then
 * holds no more than that one.
 */
export async function* cutSlow(
  texts: AsyncIterable<string>,
  patienceMs: number,
  cut: () => void,
): AsyncGenerator<string, void> {
  for await (const text of texts) {
    const timer = setTimeout(cut, patienceMs);
    try {
      yield text;
    } finally {
      clearTimeout(timer);
    }
  }
}
