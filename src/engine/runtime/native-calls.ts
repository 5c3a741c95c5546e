/** Functions of a C API that return a status, as functions that throw or report an error. */

/** A function as koffi gives it. */
export type Native = { (...args: unknown[]): unknown; async(...args: unknown[]): void };

/** The error that a status stands for; undefined for success. */
export type Failure = (status: unknown) => Error | undefined;

export function throwing<A>(call: Native, failure: Failure): (...args: A[]) => void {
  return (...args) => {
    const error = failure(call(...args));
    if (error) throw error;
  };
}

/**
 * The same off the JavaScript thread. `done` gets the error, if there was one; what it closes over stays alive until
 * then, so it must close over all memory that the arguments point into.
 */
export type OffThreadCall<A> = (args: A[], done: (error?: Error) => void) => void;

export function offThread<A>(call: Native, failure: Failure): OffThreadCall<A> {
  return (args, done) => {
    call.async(...args, (error: Error | null, status: unknown) => done(error ?? failure(status)));
  };
}

export function mapNames<N extends string, V>(names: readonly N[], map: (name: N) => V): Record<N, V> {
  return Object.fromEntries(names.map((name) => [name, map(name)])) as Record<N, V>;
}

export function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(record) as K[];
}
