import { lstat, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { IMPATIENT, NAME, noNetwork, problem, useCaches } from "../../../test/helpers/caches.ts";
import {
  COMMIT,
  digest,
  ENDPOINT,
  fakeHub,
  type Interference,
  MODEL_FILES,
  STORAGE,
  unfinished,
} from "../../../test/helpers/hub.ts";
import { findModel, type ResolveOptions, resolveModel } from "./resolve.ts";

const WEIGHTS = MODEL_FILES["model.safetensors"];
/** A process number that no system gives. */
const NO_PROCESS = 2 ** 31 - 1;
const caches = useCaches();

describe("a download from the Hub", () => {
  it("fetches what a model folder needs, in Python's layout, and reports progress", async () => {
    const seen: Record<string, number[]> = {};
    const onProgress: ResolveOptions["onProgress"] = ({ file, received, total }) => {
      seen[file] = [...(seen[file] ?? []), received];
      expect(total).toBe(MODEL_FILES[file].length);
    };
    const { hub, result } = caches.fromHub(undefined, { onProgress });
    expect(await result).toEqual({ folder: caches.snapshot(), from: "hub", name: NAME });
    const fetched = ["config.json", "model.safetensors", "tokenizer.json", "vocab.txt"];
    expect(await readdir(caches.snapshot())).toEqual(fetched);
    for (const name of fetched) {
      expect(await readFile(join(caches.snapshot(), name), "utf8")).toBe(MODEL_FILES[name]);
      expect((await lstat(join(caches.snapshot(), name))).isSymbolicLink()).toBe(true);
      expect(seen[name].at(-1)).toBe(MODEL_FILES[name].length);
    }
    expect(await readdir(join(caches.repository(), "blobs"))).toContain(digest("sha256", WEIGHTS));
    expect(await readFile(join(caches.repository(), "refs", "main"), "utf8")).toBe(COMMIT);
    expect(hub.paths().at(-1)).toBe("/blob"); // weights last
    expect(await resolveModel(NAME, { env: caches.env, fetch: noNetwork })).toMatchObject({ from: "cache" });
  });

  it("shows the token to the Hub and not to the storage that it redirects to", async () => {
    const { hub, result } = caches.fromHub();
    await result;
    const tokens = (host: string) =>
      new Set(
        hub.requests.filter(({ url }) => url.startsWith(host)).map(({ authorization }) => authorization),
      );
    expect(tokens(ENDPOINT)).toEqual(new Set(["Bearer secret"]));
    expect(tokens(STORAGE)).toEqual(new Set([null]));
  });

  it("does not get the token back by a redirect to the Hub", async () => {
    const { hub, result } = caches.fromHub(({ url }) => {
      if (url.includes("/resolve/") && url.endsWith("vocab.txt")) return redirect(`${STORAGE}/hop`);
      if (url === `${STORAGE}/hop`) return redirect(`${ENDPOINT}/attack`);
      return url === `${ENDPOINT}/attack` ? new Response(MODEL_FILES["vocab.txt"]) : undefined;
    });
    await result;
    expect(hub.requests.find(({ url }) => url.endsWith("/attack"))?.authorization).toBeNull();
  });

  it("works without a token", async () => {
    caches.env.HF_TOKEN = " ";
    const { hub, result } = caches.fromHub();
    await result;
    expect(hub.requests.every(({ authorization }) => authorization === null)).toBe(true);
  });

  it("follows a renamed model on the same host, with the token", async () => {
    const hub = fakeHub({ [NAME]: MODEL_FILES, old: MODEL_FILES }, ({ url }) =>
      url.includes("/api/models/old") ? redirect(`/api/models/${NAME}/revision/main?blobs=true`) : undefined,
    );
    expect(await resolveModel("old", { env: caches.env, fetch: hub.fetch })).toMatchObject({
      folder: caches.snapshot("old"),
      from: "hub",
    });
    expect(hub.paths().slice(0, 2)).toEqual([
      "/api/models/old/revision/main",
      `/api/models/${NAME}/revision/main`,
    ]);
    expect(hub.requests[1].authorization).toBe("Bearer secret");
  });

  it.each([
    ["to http", "http://hub.test/x", /redirects to the unprotected address/],
    ["to a file", "file:///etc/passwd", /redirects to the unprotected address/],
    ["in a circle", `${ENDPOINT}/api/models/${NAME}/revision/main?blobs=true`, /redirects without end/],
    ["to nowhere", "https://", /an address that is none/],
  ])("follows no redirect %s", async (_, location, message) => {
    const { result } = caches.fromHub(({ url }) => (url.includes("/api/") ? redirect(location) : undefined));
    expect(await problem(result)).toMatch(message);
  });

  it("fetches shards that the index names", async () => {
    const files = {
      ...MODEL_FILES,
      "model.safetensors": undefined,
      "model.safetensors.index.json":
        '{"weight_map":{"x":"a.safetensors","y":"b.safetensors","z":"a.safetensors"}}',
      "a.safetensors": "aa",
      "b.safetensors": "b",
    };
    const hub = fakeHub({ [NAME]: withoutUndefined(files) });
    const { folder } = await resolveModel(NAME, { env: caches.env, fetch: hub.fetch });
    expect(await readdir(folder)).toEqual([
      "a.safetensors",
      "b.safetensors",
      "config.json",
      "model.safetensors.index.json",
      "tokenizer.json",
      "vocab.txt",
    ]);
  });

  it.each([
    ["model.safetensors", /has no model\.safetensors, only weights of another format/],
    ["config.json", /has no config\.json/],
  ])("does not begin for a model without %s", async (missing, message) => {
    const hub = fakeHub({ [NAME]: withoutUndefined({ ...MODEL_FILES, [missing]: undefined }) });
    expect(await problem(resolveModel(NAME, { env: caches.env, fetch: hub.fetch }))).toMatch(message);
    expect(hub.requests).toHaveLength(1);
  });

  it("ends before the weights when the configuration does not suit", async () => {
    const checkConfig = (config: Record<string, unknown>, name: string) => {
      throw new Error(`${name} is ${config.model_type}`);
    };
    const { hub, result } = caches.fromHub(undefined, { checkConfig });
    await expect(result).rejects.toThrow(`${NAME} is bert`);
    expect(hub.paths().some((path) => path.includes("safetensors"))).toBe(false);
  });
});

describe("a download that goes wrong", () => {
  const blobs = () => join(caches.repository(), "blobs");
  const isWeights = (url: string) => url.startsWith(STORAGE);

  it("goes on where the connection broke", async () => {
    let breaks = 0;
    const { hub, result } = caches.fromHub(({ url, range }) => {
      if (!isWeights(url) || breaks++ >= 3) return undefined;
      const start = Number(range?.slice("bytes=".length, -1) ?? 0);
      const headers = { "content-range": `bytes ${start}-${WEIGHTS.length - 1}/${WEIGHTS.length}` };
      const body = unfinished(WEIGHTS.slice(start, start + 1000));
      return new Response(body, start > 0 ? { status: 206, headers } : {});
    });
    expect(await readFile(join((await result).folder, "model.safetensors"), "utf8")).toBe(WEIGHTS);
    expect(hub.requests.filter(({ url }) => isWeights(url)).map(({ range }) => range)).toEqual([
      null,
      "bytes=1000-",
      "bytes=2000-",
      "bytes=3000-",
    ]);
  });

  it("goes on in the next run where this one gave up", async () => {
    let given = false;
    const stuck: Interference = ({ url }) => {
      if (!isWeights(url)) return undefined;
      if (given) return new Promise<Response>(() => {});
      given = true;
      return new Response(unfinished(WEIGHTS.slice(0, 5000), { silent: true }));
    };
    expect(await problem(caches.fromHub(stuck, { limits: IMPATIENT }).result)).toMatch(
      /no answer from hub\.test in 0\.05 s/,
    );
    expect(await findModel(NAME, caches.env)).toBeUndefined();
    const { hub, result } = caches.fromHub();
    await result;
    expect(hub.requests.filter(({ url }) => isWeights(url)).map(({ range }) => range)).toEqual([
      "bytes=5000-",
    ]);
    expect(hub.requests).toHaveLength(3); // description, redirect, storage: the small files are there
  });

  it("takes over what a killed process left, and mends it where it was wrong", async () => {
    await mkdir(blobs(), { recursive: true });
    const left = join(blobs(), `${digest("sha256", WEIGHTS)}.${NO_PROCESS}-0.incomplete`);
    await writeFile(left, `X${WEIGHTS.slice(1, 3000)}`);
    const { hub, result } = caches.fromHub();
    expect(await readFile(join((await result).folder, "model.safetensors"), "utf8")).toBe(WEIGHTS);
    expect(hub.requests.filter(({ url }) => isWeights(url)).map(({ range }) => range)).toEqual([
      "bytes=3000-",
      null,
    ]);
    expect((await readdir(blobs())).filter((name) => name.includes("incomplete"))).toEqual([]);
  });

  it("starts over where the server sends the whole instead of the part", async () => {
    await mkdir(blobs(), { recursive: true });
    await writeFile(
      join(blobs(), `${digest("sha256", WEIGHTS)}.${NO_PROCESS}-0.incomplete`),
      WEIGHTS.slice(0, 10),
    );
    const { result } = caches.fromHub(({ url }) => (isWeights(url) ? new Response(WEIGHTS) : undefined));
    expect(await readFile(join((await result).folder, "model.safetensors"), "utf8")).toBe(WEIGHTS);
  });

  it.each<[string, string]>([
    ["the weights", "model.safetensors"],
    ["a small file", "vocab.txt"],
  ])("puts no wrong content of %s into the cache", async (_, file) => {
    const wrong = MODEL_FILES[file].replace(/[a-zA-Z]/, "?");
    const { result } = caches.fromHub(({ url }) =>
      url.endsWith(`/${file}`) ? new Response(wrong) : undefined,
    );
    expect(await problem(result)).toMatch(/sent something else than the file that the Hub lists/);
    expect(await findModel(NAME, caches.env)).toBeUndefined();
    expect((await readdir(caches.snapshot())).includes(file)).toBe(false);
    for (const name of await readdir(blobs()))
      expect(await readFile(join(blobs(), name), "utf8")).not.toBe(wrong);
  });

  it("refuses more bytes than the Hub lists, as soon as they come", async () => {
    const endless = () =>
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(3000)) });
    const { result } = caches.fromHub(({ url }) => (isWeights(url) ? new Response(endless()) : undefined));
    expect(await problem(result)).toMatch(/sent something else/);
  });

  it("refuses a model whose files have no hash", async () => {
    const { result } = caches.fromHub(({ url }) =>
      url.includes("/api/")
        ? Response.json({ sha: COMMIT, siblings: [{ rfilename: "config.json" }] })
        : undefined,
    );
    expect(await problem(result)).toMatch(/no size and hash for config\.json/);
  });

  it("stops when it is told to, with the reason it was given", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped by the user");
    const stop: Interference = ({ url }) => {
      if (isWeights(url)) setTimeout(() => controller.abort(reason), 5);
      return isWeights(url) ? new Response(unfinished("weights", { silent: true })) : undefined;
    };
    await expect(
      caches.fromHub(stop, { signal: controller.signal, limits: { answer: 5000, stall: 5000 } }).result,
    ).rejects.toBe(reason);
    const { hub, result } = caches.fromHub(undefined, { signal: controller.signal });
    await expect(result).rejects.toBe(reason);
    expect(hub.requests).toEqual([]);
  });

  it("stops between two chunks, and keeps what came", async () => {
    const controller = new AbortController();
    const onProgress: ResolveOptions["onProgress"] = ({ file, received }) => {
      if (file === "model.safetensors" && received === 5) controller.abort(new Error("stopped by the user"));
    };
    const half: Interference = ({ url }) =>
      isWeights(url) ? new Response(unfinished(WEIGHTS.slice(0, 5), { silent: true })) : undefined;
    const { result } = caches.fromHub(half, { signal: controller.signal, onProgress });
    await expect(result).rejects.toThrow("stopped by the user");
    const { hub, result: next } = caches.fromHub();
    await next;
    expect(hub.requests.at(-1)?.range).toBe("bytes=5-");
  });

  it("may run twice at once", async () => {
    const both = await Promise.all([
      caches.fromHub().result,
      caches.fromHub().result,
      caches.fromHub().result,
    ]);
    expect(new Set(both.map(({ folder }) => folder))).toEqual(new Set([caches.snapshot()]));
    expect(await readFile(join(caches.snapshot(), "model.safetensors"), "utf8")).toBe(WEIGHTS);
    expect((await readdir(blobs())).filter((name) => !/^[0-9a-f]+$/.test(name))).toEqual([]);
    expect((await readdir(caches.snapshot())).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

function redirect(location: string): Response {
  return new Response(null, { status: 307, headers: { location } });
}

function withoutUndefined(files: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, content]) => (content === undefined ? [] : [[name, content]])),
  );
}
