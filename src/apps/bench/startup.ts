/**
 * `--suite startup`: from the start of `bertwright train` to the end of its first training step; the peer starts, builds
 * the same model and makes one step, without reading a file.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadedRuntime } from "../../internals.ts";
import { InputError } from "../../util/errors.ts";
import { caseName } from "./case-name.ts";
import { COMMAND } from "./command-file.ts";
import { Peer } from "./peer.ts";
import { runProgram } from "./process.ts";
import type { Report } from "./report.ts";
import { compare, takeTurns } from "./statistics.ts";

export interface StartupOptions {
  turns: number;
  runtime: LoadedRuntime;
  /** Default: the command's own. */
  model?: string;
  /** A Python with torch and transformers. */
  peer?: string;
}

const ROWS = 64;
const TOPICS = ["billing", "delivery", "password"];
/** As the rows above are batched, about. */
const PEER_BATCH: readonly number[] = Array(32).fill(10);

export async function benchStartup(options: StartupOptions, report: Report): Promise<void> {
  const { turns, runtime, peer } = options;
  const folder = mkdtempSync(join(tmpdir(), "bertwright-bench-"));
  try {
    const train = join(folder, "train.csv");
    writeFileSync(train, tinyCsv());
    const ours = (name: string) => firstStepSeconds(train, join(folder, name), options);
    // The first run may have to fetch the model.
    await ours("first");
    const [our, their] = await takeTurns(turns, [
      (turn) => ours(String(turn)),
      ...(peer === undefined ? [] : [() => peerSeconds(peer)]),
    ]);
    const name = caseName("startup", runtime.precision);
    const against = peer === undefined ? "" : "; the peer imports, builds MiniLM and makes a step";
    report.add(compare(name, "s", our, their), `${turns} turns, ${runtime.name}${against}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstStepSeconds(
  train: string,
  output: string,
  { model, runtime }: StartupOptions,
): Promise<number> {
  const args = [COMMAND, "train", "--train", train, "--output", output, "--max-steps", "1"];
  args.push("--runtime", runtime.name, "--precision", runtime.precision);
  if (model !== undefined) args.push("--model", model);
  let first: number | undefined;
  const { status, stderr } = await runProgram(
    { file: process.execPath, args: [...args, "--progress", "json"] },
    {
      onErrorLine: (line, seconds) => {
        if (first === undefined && line.includes('"type":"step"')) first = seconds;
      },
    },
  );
  if (status !== 0 || first === undefined) {
    throw new InputError(`bertwright train made no step: ${stderr.trim().split("\n").at(-1)}`);
  }
  return first;
}

async function peerSeconds(python: string): Promise<number> {
  const start = performance.now();
  const peer = new Peer(python);
  try {
    const way = { attn: "sdpa", compile: false, precision: "float32" } as const;
    await peer.measure({ model: "minilm", batches: [PEER_BATCH], ...way });
    return (performance.now() - start) / 1000;
  } finally {
    peer.close();
  }
}

function tinyCsv(): string {
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const topic = TOPICS[row % TOPICS.length];
    return `Please help me with my ${topic} number ${row},${topic}`;
  });
  return `text,label\n${rows.join("\n")}\n`;
}
