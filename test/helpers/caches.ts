/** Caches of models in a temporary folder, and what tests of finding models do with them. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { type ResolvedModel, type ResolveOptions, resolveModel } from "../../src/files/hub/resolve.ts";
import { COMMIT, ENDPOINT, type FakeHub, fakeHub, type Interference, MODEL_FILES } from "./hub.ts";

export const NAME = "owner/tiny";

/** Short enough to wait for, in ms; the Hub in memory needs no time at all. */
export const IMPATIENT = { answer: 50, stall: 50 };

export class Caches {
  base = "";
  env: Record<string, string | undefined> = {};

  repository(name = NAME): string {
    return join(this.base, "hf", "hub", `models--${name.replace("/", "--")}`);
  }

  snapshot(name = NAME): string {
    return join(this.repository(name), "snapshots", COMMIT);
  }

  /** Makes a snapshot of files that hold "{}", with `refs/main`. */
  async fill(names: readonly string[], name = NAME): Promise<void> {
    await makeFiles(this.snapshot(name), names);
    await mkdir(join(this.repository(name), "refs"), { recursive: true });
    await writeFile(join(this.repository(name), "refs", "main"), COMMIT);
  }

  /** Resolves `NAME` with a Hub that has it and behaves as `interfere` says, and no pip. */
  fromHub(
    interfere?: Interference,
    options: ResolveOptions = {},
  ): { hub: FakeHub; result: Promise<ResolvedModel> } {
    const hub = fakeHub({ [NAME]: MODEL_FILES }, interfere);
    return { hub, result: resolveModel(NAME, { env: this.env, fetch: hub.fetch, run: noPip, ...options }) };
  }
}

/** Empty caches for each test of the file. */
export function useCaches(): Caches {
  const caches = new Caches();
  beforeEach(async () => {
    caches.base = await mkdtemp(join(tmpdir(), "hub-"));
    caches.env = {
      HF_HOME: join(caches.base, "hf"),
      XDG_CACHE_HOME: join(caches.base, "xdg"),
      HF_ENDPOINT: `${ENDPOINT}/`,
      HF_TOKEN: "secret",
    };
  });
  afterEach(() => rm(caches.base, { recursive: true }));
  return caches;
}

export async function makeFiles(folder: string, names: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of names) await writeFile(join(folder, name), "{}");
}

export const noNetwork: typeof fetch = () =>
  Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ENOTFOUND" }) }));

export const noPip: ResolveOptions["run"] = async () => undefined;

/** The message of the `InputError` that `promise` ends in: for a person, of three lines at most. */
export async function problem(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error("no error"),
    (e: unknown) => e,
  );
  expect(error).toMatchObject({ name: "InputError" });
  const { message } = error as Error;
  expect(message.split("\n").length).toBeLessThanOrEqual(3);
  return message;
}
