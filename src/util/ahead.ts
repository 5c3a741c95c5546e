/** Work that begins before its result is asked for: while one item is worked on, the next is fetched. */

/**
 * Results of `work`, in the order of the items. The next item is fetched and its work begun while a result is awaited
 * or used, and no more than that one. An error is thrown behind the results before it. Where the consumer leaves, the
 * signal that `work` has been given aborts.
 */
export async function* workAhead<T, R>(
  items: AsyncIterable<T>,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  const leaving = new AbortController();
  const begin = async () => {
    const { value, done } = await iterator.next();
    if (done || leaving.signal.aborted) return undefined;
    return { result: thrownLater(work(value, leaving.signal)) };
  };
  let next = thrownLater(begin());
  try {
    for (let current = await next; current !== undefined; current = await next) {
      next = thrownLater(begin());
      yield await current.result;
    }
  } finally {
    leaving.abort();
    // Not awaited: it waits for the item that is being fetched, which may never come.
    if (iterator.return) thrownLater(iterator.return());
  }
}

/** A rejection is no unhandled one until somebody awaits it. */
function thrownLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
