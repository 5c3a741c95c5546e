import { describe, expect, it } from "vitest";
import { IMPATIENT, noNetwork } from "../../../test/helpers/caches.ts";
import { fakeHub, type Interference, MODEL_FILES } from "../../../test/helpers/hub.ts";
import { askHub } from "./ask-hub.ts";
import { DEFAULT_MODEL } from "./model-name.ts";

const env = { HF_ENDPOINT: "https://somebody:secret@hub.test/", HF_TOKEN: "hf_secret" };

function ask(interfere?: Interference, more: Record<string, string> = {}) {
  const hub = fakeHub({ [DEFAULT_MODEL]: MODEL_FILES }, interfere);
  const status = askHub({ env: { ...env, ...more }, fetch: hub.fetch, limits: IMPATIENT });
  return { hub, status };
}

const answering =
  (status: number): Interference =>
  () =>
    new Response(null, { status });

describe("askHub", () => {
  it("asks once, and says what is set without any secret", async () => {
    const { hub, status } = ask();
    expect(await status).toEqual({
      endpoint: "https://hub.test",
      ...{ mirror: true, token: true, offline: false, reachable: true },
    });
    expect(hub.requests).toHaveLength(1);
    expect(JSON.stringify(await status)).not.toMatch(/secret|somebody/);
  });

  it("knows the Hub itself from a mirror", async () => {
    const status = await askHub({ env: {}, fetch: noNetwork, limits: IMPATIENT });
    expect(status).toMatchObject({ endpoint: "https://huggingface.co", mirror: false, token: false });
    expect(status).toMatchObject({ reachable: false, problem: expect.stringContaining("ENOTFOUND") });
  });

  it("takes a mirror without the model for one that answers, and a refusal for none", async () => {
    expect(await ask(answering(404)).status).toMatchObject({ reachable: true });
    const refused = await ask(answering(401)).status;
    expect(refused).toMatchObject({ reachable: false, problem: "hub.test answers 401; is HF_TOKEN right?" });
    expect((await ask(answering(403), { HF_TOKEN: "" }).status).problem).toBe("hub.test answers 403");
  });

  it("does not ask where the environment forbids it, or names no address", async () => {
    const offline = ask(undefined, { HF_HUB_OFFLINE: "1" });
    expect(await offline.status).toMatchObject({ offline: true, reachable: false });
    expect(offline.hub.requests).toEqual([]);
    const wrong = ask(undefined, { HF_ENDPOINT: "hub of mine" });
    expect(await wrong.status).toMatchObject({ reachable: false, problem: "HF_ENDPOINT is no address" });
  });

  it("keeps secrets out of what the network's own errors say", async () => {
    const { status } = ask(({ url }) => Promise.reject(new TypeError(`no credentials in ${url}, please`)));
    const { problem } = await status;
    expect(problem).toContain("no credentials in https://hub.test/api/");
    expect(problem).not.toContain("secret");
  });

  it("waits no longer than the limit", async () => {
    const { status } = ask(() => new Promise<Response>(() => {}));
    expect((await status).problem).toBe("no answer from hub.test in 0.05 s");
  });
});
