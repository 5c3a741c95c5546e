/**
 * Requests that cannot hang and cannot leak: every answer has a time limit, even where `fetch` ignores its signal, and
 * redirects are followed by hand so that the token stays with the host it belongs to.
 */
export type Fetch = typeof fetch;

/** What requests need to know; tests put their own `fetch` and short limits here. */
export interface Http {
  fetch: Fetch;
  /** Sent as a bearer token to the host of the first request only. */
  token?: string;
  signal?: AbortSignal;
  limits: TimeLimits;
}

/** All in milliseconds. */
export interface TimeLimits {
  /** For the Hub's first answer, redirects and body included: whoever is offline should hear of it at once. */
  answer: number;
  /** For the next bytes of a download, from a server that has shown to be there. */
  stall: number;
}

export const TIME_LIMITS: TimeLimits = { answer: 3_000, stall: 10_000 };

/** No usable answer: no network, too slow, broken off, or an error of the server's own. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** The server answered and will not give this: unknown, private, or not allowed. */
export class Refused extends Error {
  override name = "Refused";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** As browsers do. */
const MAX_REDIRECTS = 20;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Runs `work` with a signal that follows `http.signal` and aborts at the latest when `work` is over: nothing lives on. */
export async function request<T>(http: Http, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  http.signal?.throwIfAborted();
  const controller = new AbortController();
  const follow = () => controller.abort(http.signal?.reason);
  http.signal?.addEventListener("abort", follow);
  try {
    return await work(controller.signal);
  } finally {
    http.signal?.removeEventListener("abort", follow);
    controller.abort();
  }
}

/** The result of `work`, or `Unreachable` after `limit` ms, or the reason of `signal` once it aborts. */
export async function within<T>(
  limit: number,
  host: string,
  signal: AbortSignal,
  work: Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let stop = () => {};
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unreachable(`no answer from ${host} in ${limit / 1000} s`)), limit);
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([end, work]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** A successful response (status 2xx) after redirects. Throws `Refused` for 4xx, `Unreachable` for all else. */
export async function get(
  url: string,
  http: Http,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  let target = new URL(url);
  let token = http.token;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const authorization: Record<string, string> =
      token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await send(target, http, {
      headers: { ...headers, ...authorization },
      signal,
      redirect: "manual",
    });
    const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
    if (location === null) return checked(response, target);
    await discard(response);
    const next = nextHop(location, target);
    // For good: a later hop back to the first host may have been chosen by the second one.
    if (next.origin !== target.origin) token = undefined;
    target = next;
  }
  throw new Unreachable(`${new URL(url).host} redirects without end`);
}

async function send(target: URL, http: Http, init: RequestInit): Promise<Response> {
  try {
    return await http.fetch(target.href, init);
  } catch (error) {
    throw new Unreachable(`${target.host} cannot be reached (${reason(error)})`, { cause: error });
  }
}

function nextHop(location: string, from: URL): URL {
  let next: URL;
  try {
    next = new URL(location, from);
  } catch {
    throw new Unreachable(`${from.host} redirects to an address that is none`);
  }
  const allowed = next.protocol === "https:" || (next.protocol === "http:" && from.protocol === "http:");
  if (!allowed) throw new Unreachable(`${from.host} redirects to the unprotected address ${next.origin}`);
  return next;
}

async function checked(response: Response, target: URL): Promise<Response> {
  const { status } = response;
  if (response.ok) return response;
  await discard(response);
  const code = response.headers.get("x-error-code");
  const message = `${target.host} answers ${status}${code ? ` (${code})` : ""}`;
  const temporary = status === 408 || status === 429;
  if (status >= 400 && status < 500 && !temporary) throw new Refused(status, message);
  throw new Unreachable(message);
}

/** The body's bytes as they come; a connection that breaks is `Unreachable`. */
export async function* bodyChunks(response: Response, host: string): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw new Unreachable(`${host} broke off (${reason(error)})`, { cause: error });
  } finally {
    reader.cancel().catch(() => {}); // not waited for: the other side may be silent
  }
}

/** Frees the connection of a response whose body nobody wants. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}

/** "ENOTFOUND" and the like, which `fetch` hides in the cause. */
export function reason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error)
    return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
  return String(cause);
}
