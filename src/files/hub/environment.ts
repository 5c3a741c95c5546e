/** The environment variables of huggingface_hub that we honour, with its defaults (`huggingface_hub/constants.py`). */
import { homedir } from "node:os";
import { join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `HF_ENDPOINT`, or the Hub itself; without a closing slash. */
export function hubEndpoint(env: Environment): string {
  return (env.HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, "");
}

/** `HF_TOKEN`, for private and gated models; undefined where it is empty. */
export function hubToken(env: Environment): string | undefined {
  return env.HF_TOKEN?.trim() || undefined;
}

/** `HF_HUB_OFFLINE`: no network at all, whatever is missing. */
export function isOffline(env: Environment): boolean {
  return ["1", "ON", "YES", "TRUE"].includes((env.HF_HUB_OFFLINE ?? "").toUpperCase());
}

/** Where Python's huggingface_hub keeps its models: downloads are shared with it. */
export function hubCacheFolder(env: Environment): string {
  const named = env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE;
  if (named) return expandHome(named, env);
  return join(env.HF_HOME ? expandHome(env.HF_HOME, env) : join(cacheHome(env), "huggingface"), "hub");
}

/** Where models from other sources than the Hub are kept. */
export function ownCacheFolder(env: Environment): string {
  return join(cacheHome(env), "bertwright", "models");
}

/** Where native runtimes that were fetched are kept, a folder each. */
export function runtimesFolder(env: Environment): string {
  return join(cacheHome(env), "bertwright", "runtimes");
}

/**
 * Where files go that are of use to one process alone: `TMPDIR` where somebody chose it, else beside our models. The
 * system's own place, /tmp, is no disk on many Linux systems but memory.
 */
export function scratchFolder(env: Environment): string {
  return env.TMPDIR ? expandHome(env.TMPDIR, env) : join(cacheHome(env), "bertwright", "scratch");
}

function cacheHome(env: Environment): string {
  return env.XDG_CACHE_HOME ? expandHome(env.XDG_CACHE_HOME, env) : join(home(env), ".cache");
}

function expandHome(path: string, env: Environment): string {
  return /^~(?=$|[\\/])/.test(path) ? join(home(env), path.slice(1)) : path;
}

function home(env: Environment): string {
  return env.HOME || env.USERPROFILE || homedir();
}
