/** Several things opened at once, all of them or none. */

/** Waits for all. Where one fails, rejects with the first failure in the list, after the others' `dispose`. */
export async function allOrNone<T extends readonly unknown[]>(
  promises: T,
): Promise<{
  -readonly [i in keyof T]: Awaited<T[i]>;
}> {
  const settled = await Promise.allSettled(promises);
  const failure = settled.find((result) => result.status === "rejected");
  const values = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (failure === undefined) return values as { -readonly [i in keyof T]: Awaited<T[i]> };
  for (const value of values) if (isDisposable(value)) value.dispose();
  throw (failure as PromiseRejectedResult).reason;
}

function isDisposable(value: unknown): value is { dispose(): void } {
  return typeof value === "object" && value !== null && "dispose" in value;
}
