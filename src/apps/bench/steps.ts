/**
 * `--suite steps`: a whole training step, ours and PyTorch's in turns, and what share of the processor's own matrix
 * speed ours reaches.
 */
import {
  createPlainProduct,
  LARGE_SQUARE,
  type LoadedRuntime,
  type Precision,
  productOperations,
} from "../../internals.ts";
import { caseName } from "./case-name.ts";
import { largestProducts } from "./flops.ts";
import {
  benchConfig,
  createOurModel,
  createOurStep,
  type OurModel,
  type OurStep,
  SIZES,
} from "./our-step.ts";
import { type Attention, Peer, type PeerReply, type PeerWay } from "./peer.ts";
import type { Report } from "./report.ts";
import { compare, takeTurns } from "./statistics.ts";
import { largestSizesOf, rowLengths, type StepCase, sizesOf } from "./step-cases.ts";

export interface StepOptions {
  /** One a precision of ours. */
  runtimes: readonly LoadedRuntime[];
  cases: readonly StepCase[];
  /** Default: as many as take about `CASE_MS`. */
  turns?: number;
  /** Default: as many as take about `TURN_MS`. */
  stepsPerTurn?: number;
  threads?: number;
  /** A Python with torch and transformers. */
  peer?: string;
  /** Default: ours. */
  peerPrecision?: Precision;
  attention: readonly Attention[];
  /** Whether the peer's compiled model is tried as well. */
  peerCompile: boolean;
}

/** Long enough for the processor's clock to settle, short enough that both sides meet the same machine. */
const TURN_MS = 1500;
const MOST_STEPS = 20;
/** With their warm-up all ten cases stay below ten minutes where a step of BERT-base, 32 x 128, takes both sides 28 s. */
const CASE_MS = 14_000;
const [LEAST_TURNS, MOST_TURNS] = [3, 7];
/** The first step of a session or of a way of the peer is not like the others. */
const WARM_UP_STEPS = 2;
/**
 * Where a step of ours takes longer, one is enough to warm it up, and the peer's ways are tried on a part of the rows: all of
 * them would take minutes, and it is the rows' lengths that decide between ways of attention.
 */
const LONG_MS = 3000;
const TRIED_SHARE = 0.25;
const PRODUCT_SIZES = 3;

export async function benchSteps(options: StepOptions, report: Report): Promise<void> {
  const peer = options.peer === undefined ? undefined : new Peer(options.peer);
  try {
    for (const runtime of options.runtimes) {
      const peerPrecision = options.peerPrecision ?? runtime.precision;
      for (const model of Object.keys(SIZES) as StepCase["model"][]) {
        await benchModel(model, { ...options, runtime, peer, peerPrecision }, report);
      }
    }
  } finally {
    peer?.close();
  }
}

interface CaseOptions extends Omit<StepOptions, "peer"> {
  runtime: LoadedRuntime;
  peer: Peer | undefined;
  peerPrecision: Precision;
}

async function benchModel(model: StepCase["model"], options: CaseOptions, report: Report): Promise<void> {
  const cases = options.cases.filter((one) => one.model === model);
  if (cases.length === 0) return;
  const largest = cases.map(largestSizesOf);
  const ours = await createOurModel(benchConfig(SIZES[model]), largest, options.runtime, options.threads);
  for (const one of cases) await benchCase(one, ours, options, report);
}

async function benchCase(one: StepCase, ours: OurModel, options: CaseOptions, report: Report): Promise<void> {
  const { runtime, threads } = options;
  const step = await createOurStep(ours, { runtime, largest: largestSizesOf(one), threads });
  try {
    await measureCase(one, step, options, report);
  } finally {
    step.dispose();
  }
}

async function measureCase(
  one: StepCase,
  step: OurStep,
  options: CaseOptions,
  report: Report,
): Promise<void> {
  const { runtime, threads } = options;
  const batches = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => rowLengths(one, first + i));
  const [firstMs] = await step.measure(batches(0, 1));
  const isLong = firstMs > LONG_MS;
  const ourMs = isLong ? firstMs : (await step.measure(batches(1, 1)))[0];
  const steps = options.stepsPerTurn ?? clamp(Math.round(TURN_MS / ourMs), 1, MOST_STEPS);
  // What is compiled is so for the shapes that it meets.
  const share = isLong && !options.peerCompile ? TRIED_SHARE : 1;
  const tried = batches(0, steps).map((lengths) => lengths.slice(0, Math.ceil(share * lengths.length)));
  const rival = options.peer && (await fastestWay(one, options.peer, options, tried));
  const plain = await createPlainProduct(
    runtime,
    [...largestProducts(step.program, sizesOf(rowLengths(one, 0)), PRODUCT_SIZES), LARGE_SQUARE],
    threads,
  );
  try {
    const turnMs = steps * (ourMs + (rival?.ms ?? 0) / share);
    const turns = options.turns ?? clamp(Math.floor(CASE_MS / turnMs), LEAST_TURNS, MOST_TURNS);
    // Each turn has batches of its own, the same on both sides: that hardly one has the shape of another is part of it.
    const ofTurn = (turn: number) => batches(WARM_UP_STEPS + turn * steps, steps);
    const [our, speed, theirs] = await takeTurns(turns, [
      async (turn) => mean(await step.measure(ofTurn(turn))),
      () => plain.measure(),
      ...(rival ? [async (turn: number) => mean((await rival.measure(ofTurn(turn))).ms)] : []),
    ]);
    const name = caseName(one.name, runtime.precision);
    const done = `${turns} turns of ${steps} steps, ${runtime.name} ${runtime.precision}`;
    report.add(compare(name, "ms", our, theirs), rival ? `${done}; ${rival.name}` : done);
    const operations = our.map((_, turn) => mean(ofTurn(turn).map((b) => operationsOf(step, b))));
    const gflops = our.map((ms, turn) => operations[turn] / ms / 1e6);
    report.add(
      compare(`${name}-share`, "GFLOPS", gflops, speed),
      "products of the whole step; the peer is a plain matrix product through the same runtime",
    );
  } finally {
    plain.dispose();
  }
}

interface Rival {
  /** Of versions and way, for people. */
  readonly name: string;
  /** Milliseconds a step of those that were tried. */
  readonly ms: number;
  measure(batches: readonly (readonly number[])[]): Promise<PeerReply>;
}

/** Tries the peer's ways on the same batches, and goes on with the fastest. */
async function fastestWay(
  { model }: StepCase,
  peer: Peer,
  { attention, peerCompile, peerPrecision: precision, threads }: CaseOptions,
  batches: readonly (readonly number[])[],
): Promise<Rival> {
  const ways: PeerWay[] = (peerCompile ? [false, true] : [false]).flatMap((compile) =>
    attention.map((attn) => ({ attn, compile })),
  );
  const rivals: Rival[] = [];
  for (const way of ways) {
    const measure = (list: typeof batches) =>
      peer.measure({ model, batches: list, precision, threads, ...way });
    await measure(batches.slice(0, WARM_UP_STEPS));
    const reply = await measure(batches);
    rivals.push({ measure, ms: mean(reply.ms), name: peerName(reply, way, precision) });
  }
  return rivals.reduce((best, other) => (other.ms < best.ms ? other : best));
}

function peerName({ torch, transformers, threads }: PeerReply, way: PeerWay, precision: Precision): string {
  const compiled = way.compile ? "compiled, " : "";
  return `PyTorch ${torch} ${precision}, transformers ${transformers}, ${compiled}${way.attn} attention, ${threads} threads`;
}

function operationsOf({ program }: OurStep, lengths: readonly number[]): number {
  return productOperations(program)(sizesOf(lengths));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
