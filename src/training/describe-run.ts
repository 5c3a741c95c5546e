/** What `run.json` says of a run that is about to begin. */
import type { LoadedRuntime } from "../engine/runtime/runtimes.ts";
import type { Checkpoint } from "../files/checkpoint.ts";
import { hashFile } from "../files/hash.ts";
import { defaultThreads, nodeVersion, platform, processorName } from "../files/machine.ts";
import { packageVersion } from "../files/package-version.ts";
import type { FineTuneOptions } from "./options.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import type { RunFile, RunInput } from "./run-file.ts";
import type { Sources } from "./setup.ts";

/** Hashes the data, which takes about a second a gigabyte. */
export async function describeRun(
  { threads }: FineTuneOptions,
  { resolved, inputs }: Sources,
  runtime: LoadedRuntime,
  run: { resolved: ResolvedOptions; weightHashes: Readonly<Record<string, string>> },
): Promise<RunFile> {
  return {
    format: 1,
    status: "running",
    started: new Date().toISOString(),
    options: run.resolved,
    versions: {
      bertwright: packageVersion(),
      node: nodeVersion,
      platform,
      processor: processorName() ?? "unknown",
      runtime: runtime.name,
      runtime_version: runtime.version,
      precision: runtime.precision,
      threads: threads ?? defaultThreads(),
    },
    model: { name: resolved.name, sha256: run.weightHashes },
    data: await inputHashes(inputs),
  };
}

/** By file name; about a second a gigabyte. */
export async function hashWeights({ files }: Checkpoint): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const { name, path } of files) hashes[name] = await hashFile(path);
  return hashes;
}

async function inputHashes(inputs: Sources["inputs"]): Promise<Record<string, RunInput>> {
  const described: Record<string, RunInput> = {};
  for (const [option, { name, rows, digest }] of Object.entries(inputs)) {
    described[option] = { name, sha256: await digest(), rows };
  }
  return described;
}
