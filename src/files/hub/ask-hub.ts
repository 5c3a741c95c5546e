/** Whether the Hub answers, and what the environment says of it. */
import { describeModel } from "./client.ts";
import { type Environment, hubEndpoint, hubToken, isOffline } from "./environment.ts";
import { type Fetch, Refused, TIME_LIMITS, type TimeLimits } from "./http.ts";
import { DEFAULT_MODEL } from "./model-name.ts";

export interface HubStatus {
  /** Its address, without a name and a password that may stand in it. */
  readonly endpoint: string;
  /** Whether `HF_ENDPOINT` names another than the Hub itself. */
  readonly mirror: boolean;
  /** Whether `HF_TOKEN` is set. */
  readonly token: boolean;
  /** Whether `HF_HUB_OFFLINE` forbids to ask. */
  readonly offline: boolean;
  readonly reachable: boolean;
  /** Why it is not reachable, in one line. */
  readonly problem?: string;
}

export interface AskOptions {
  env: Environment;
  fetch?: Fetch;
  signal?: AbortSignal;
  limits?: TimeLimits;
}

/** Asks for the description of the default model, and downloads nothing. */
export async function askHub({ env, signal, ...options }: AskOptions): Promise<HubStatus> {
  const endpoint = hubEndpoint(env);
  const [token, offline] = [hubToken(env), isOffline(env)];
  const told = {
    endpoint: withoutCredentials(endpoint),
    mirror: endpoint !== hubEndpoint({}),
    token: token !== undefined,
    offline,
  };
  if (offline) return { ...told, reachable: false, problem: "HF_HUB_OFFLINE forbids to ask" };
  if (!URL.canParse(endpoint)) return { ...told, reachable: false, problem: "HF_ENDPOINT is no address" };
  const { fetch: fetchIt = fetch, limits = TIME_LIMITS } = options;
  const problem = await describeModel(endpoint, DEFAULT_MODEL, {
    fetch: fetchIt,
    token,
    signal,
    limits,
  }).then(
    () => undefined,
    (error: unknown) => problemOf(error, token),
  );
  signal?.throwIfAborted();
  return { ...told, reachable: problem === undefined, problem: problem?.replace(/\/\/[^/@\s]*@/g, "//") };
}

/** A mirror may lack the model; whoever answers that it does not have it is there. */
function problemOf(error: unknown, token: string | undefined): string | undefined {
  if (!(error instanceof Refused)) return error instanceof Error ? error.message : String(error);
  if (error.status === 404) return undefined;
  return `${error.message}${token === undefined ? "" : "; is HF_TOKEN right?"}`;
}

function withoutCredentials(endpoint: string): string {
  if (!URL.canParse(endpoint)) return endpoint.replace(/^.*@/, "");
  const url = new URL(endpoint);
  [url.username, url.password, url.search, url.hash] = ["", "", "", ""];
  return url.href.replace(/\/$/, "");
}
