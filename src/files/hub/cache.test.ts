import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFiles, NAME, noNetwork, problem, useCaches } from "../../../test/helpers/caches.ts";
import { COMMIT, fakeHub } from "../../../test/helpers/hub.ts";
import { findModel, resolveModel } from "./resolve.ts";

const caches = useCaches();

describe("a model on this machine", () => {
  it("is a folder, whatever it is called", async () => {
    const folder = join(caches.base, "owner", "tiny");
    await mkdir(folder, { recursive: true });
    expect(await resolveModel(folder, { env: caches.env, fetch: noNetwork })).toEqual({
      folder,
      from: "folder",
      name: folder,
    });
  });

  it.each([
    "./nope",
    "../nope",
    "/nope/nope",
    "a/b/c",
    "~/nope",
    "C:\\nope",
    "a..b",
    "a--b/c",
    "-x",
    "a/",
    "x".repeat(97),
  ])("is not looked for on the Hub when its name is %j", async (name) => {
    const hub = fakeHub({});
    expect(await problem(resolveModel(name, { env: caches.env, fetch: hub.fetch }))).toMatch(
      /no such folder, and no name of a model/,
    );
    expect(hub.requests).toEqual([]);
  });

  it("is not a file", async () => {
    await writeFile(join(caches.base, "model.safetensors"), "");
    expect(await problem(resolveModel(join(caches.base, "model.safetensors"), { env: caches.env }))).toMatch(
      /this is a file/,
    );
    expect(await problem(resolveModel("", { env: caches.env }))).toMatch(/empty/);
  });

  it("is found in the cache that Python filled, without a request", async () => {
    await caches.fill(["config.json", "model.safetensors", "vocab.txt"]);
    await makeFiles(join(caches.base, "elsewhere"), ["config.json", "model.safetensors", "vocab.txt"]);
    await writeFile(join(caches.repository(), "refs", "main"), "../../../../elsewhere");
    expect(await findModel(NAME, caches.env)).toBeUndefined(); // refs/main holds no commit
    await writeFile(join(caches.repository(), "refs", "main"), `${COMMIT}\n`);
    expect(await resolveModel(NAME, { env: caches.env, fetch: noNetwork })).toEqual({
      folder: caches.snapshot(),
      from: "cache",
      name: NAME,
    });
    expect(await findModel(NAME, { ...caches.env, HF_HUB_OFFLINE: "1" })).toMatchObject({ from: "cache" });
  });

  it.each([
    [
      "HF_HUB_CACHE",
      (cache: string) => ({ HF_HUB_CACHE: cache, HUGGINGFACE_HUB_CACHE: "/x", HF_HOME: "/x" }),
    ],
    ["HUGGINGFACE_HUB_CACHE", (cache: string) => ({ HUGGINGFACE_HUB_CACHE: cache, HF_HOME: "/x" })],
    ["HF_HOME", (cache: string) => ({ HF_HOME: join(cache, ".."), XDG_CACHE_HOME: "/x" })],
    ["XDG_CACHE_HOME", (cache: string) => ({ XDG_CACHE_HOME: join(cache, "../.."), HOME: "/x" })],
    ["HOME", (cache: string) => ({ HOME: join(cache, "../../..") })],
    ["a ~ in HF_HOME", (cache: string) => ({ HF_HOME: "~/huggingface", HOME: join(cache, "../..") })],
  ])("is found by %s", async (_, variables) => {
    const cache = join(caches.base, ".cache", "huggingface", "hub");
    const model = join(cache, "models--owner--tiny");
    await makeFiles(join(model, "snapshots", COMMIT), ["config.json", "model.safetensors", "tokenizer.json"]);
    await mkdir(join(model, "refs"));
    await writeFile(join(model, "refs", "main"), COMMIT);
    expect(await findModel(NAME, variables(cache))).toMatchObject({ from: "cache", name: NAME });
  });

  it.each([
    ["no vocabulary", ["config.json", "model.safetensors"]],
    ["no weights", ["config.json", "vocab.txt"]],
    ["weights of another format", ["config.json", "vocab.txt", "pytorch_model.bin"]],
    ["no configuration", ["vocab.txt", "model.safetensors"]],
    ["a damaged index", ["config.json", "vocab.txt", "model.safetensors.index.json"]],
  ])("is not taken from the cache with %s", async (_, files) => {
    await caches.fill(files);
    expect(await findModel(NAME, caches.env)).toBeUndefined();
  });

  it("is taken from the cache in shards only when all are there", async () => {
    await caches.fill(["config.json", "vocab.txt", "a.safetensors"]);
    await writeFile(
      join(caches.snapshot(), "model.safetensors.index.json"),
      '{"weight_map":{"x":"a.safetensors","y":"b.safetensors"}}',
    );
    expect(await findModel(NAME, caches.env)).toBeUndefined();
    await makeFiles(caches.snapshot(), ["b.safetensors"]);
    expect(await findModel(NAME, caches.env)).toMatchObject({ folder: caches.snapshot() });
  });

  it("may be named without its owner where we know it", async () => {
    const known = "google-bert/bert-base-uncased";
    await caches.fill(["config.json", "vocab.txt", "model.safetensors"], known);
    expect(await findModel("bert-base-uncased", caches.env)).toMatchObject({ name: known });
    expect(await findModel("BERT-base-uncased", caches.env)).toMatchObject({ name: known });
  });
});
