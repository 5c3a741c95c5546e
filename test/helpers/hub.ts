/** A Hub in memory for tests: answers as the real one does, or in the ways that a test asks for. */
import { createHash } from "node:crypto";

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const ENDPOINT = "https://hub.test";
export const STORAGE = "https://storage.test";

/** A model folder of a few bytes; the weights are "large", so that they come from the storage host. */
export const MODEL_FILES: Readonly<Record<string, string>> = {
  "config.json": '{"model_type":"bert"}',
  "tokenizer.json": "{}",
  "vocab.txt": "[PAD]\n",
  "model.safetensors": "weights ".repeat(1000),
  "pytorch_model.bin": "not to be fetched",
  "onnx/model.onnx": "not to be fetched",
};

export interface HubRequest {
  url: string;
  authorization: string | null;
  range: string | null;
}

/** Answers a request itself, or leaves it to the Hub by returning undefined. */
export type Interference = (
  request: HubRequest,
  usual: () => Response,
) => Response | Promise<Response> | undefined;

export interface FakeHub {
  fetch: typeof fetch;
  requests: HubRequest[];
  /** Paths asked for, without host and query. */
  paths(): string[];
}

/** `models` by name; `interfere` sees each request first. */
export function fakeHub(
  models: Record<string, Readonly<Record<string, string>>>,
  interfere: Interference = () => undefined,
): FakeHub {
  const requests: HubRequest[] = [];
  const answer = (request: HubRequest): Response => {
    const { pathname, searchParams } = new URL(request.url);
    const api = /^\/api\/models\/(.+)\/revision\/main$/.exec(pathname);
    if (api) return models[api[1]] ? Response.json(describe(models[api[1]])) : refusal();
    if (request.url.startsWith(STORAGE))
      return part(models[searchParams.get("model")!]["model.safetensors"], request);
    const [, name, commit, file] = /^\/(.+)\/resolve\/(\w+)\/(.+)$/.exec(pathname) ?? [];
    if (commit !== COMMIT || models[name]?.[file] === undefined) return new Response(null, { status: 404 });
    if (file !== "model.safetensors") return part(models[name][file], request);
    return new Response(null, { status: 302, headers: { location: `${STORAGE}/blob?model=${name}` } });
  };
  const fetchIt: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    const request = {
      url: String(input),
      authorization: headers.get("authorization"),
      range: headers.get("range"),
    };
    requests.push(request);
    return interfere(request, () => answer(request)) ?? answer(request);
  };
  return { fetch: fetchIt, requests, paths: () => requests.map(({ url }) => new URL(url).pathname) };
}

/** A body that gives `content` and then breaks off, or with `silent` never ends. */
export function unfinished(content: string, { silent = false } = {}): ReadableStream<Uint8Array> {
  let given = false;
  return new ReadableStream({
    pull(controller) {
      if (!given) controller.enqueue(new TextEncoder().encode(content));
      else if (!silent) controller.error(new TypeError("terminated"));
      else return new Promise<void>(() => {});
      given = true;
    },
  });
}

function part(content: string, { range }: HubRequest): Response {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  if (range === null) return new Response(content);
  const headers = { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` };
  return new Response(content.slice(start), { status: 206, headers });
}

/** What the Hub answers without a token for a name that it does not have. */
function refusal(): Response {
  return new Response("Invalid username or password.", {
    status: 401,
    headers: { "x-error-code": "RepoNotFound" },
  });
}

function describe(files: Readonly<Record<string, string>>): object {
  const siblings = Object.entries(files).map(([rfilename, content]) => {
    const entry = {
      rfilename,
      size: content.length,
      blobId: digest("sha1", `blob ${content.length}\0${content}`),
    };
    return rfilename.endsWith(".safetensors")
      ? { ...entry, lfs: { sha256: digest("sha256", content), size: content.length } }
      : entry;
  });
  return { id: "whatever", sha: COMMIT, siblings };
}

export function digest(kind: "sha1" | "sha256", content: string): string {
  return createHash(kind).update(content).digest("hex");
}
