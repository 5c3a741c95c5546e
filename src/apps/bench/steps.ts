/** `--suite steps`: a whole training step, ours and PyTorch's in turns. */
import { createOurStep, SIZES } from "./our-step.ts";
import { type Attention, Peer, type PeerReply } from "./peer.ts";
import type { Report } from "./report.ts";
import { compare, median, takeTurns } from "./statistics.ts";
import type { StepCase } from "./step-cases.ts";

export interface StepOptions {
  cases: readonly StepCase[];
  turns: number;
  /** Default: as many as take about `TURN_MS`. */
  stepsPerTurn?: number;
  threads?: number;
  peer?: string;
  attention: readonly Attention[];
}

/** Long enough for the processor's clock to settle, short enough that both sides meet the same machine. */
const TURN_MS = 2000;
const MOST_STEPS = 20;
const WARM_UP_STEPS = 2;

export async function benchSteps(options: StepOptions, report: Report): Promise<void> {
  const peer = options.peer === undefined ? undefined : new Peer(options.peer);
  try {
    for (const one of options.cases) await benchCase(one, options, peer, report);
  } finally {
    peer?.close();
  }
}

async function benchCase(
  { name, model, batch, length }: StepCase,
  { turns, stepsPerTurn, threads, attention }: StepOptions,
  peer: Peer | undefined,
  report: Report,
): Promise<void> {
  const ours = await createOurStep({ size: SIZES[model], batch, length, threads });
  try {
    const [, warm] = await ours.measure(WARM_UP_STEPS);
    const steps = stepsPerTurn ?? Math.max(1, Math.min(MOST_STEPS, Math.round(TURN_MS / warm)));
    const ways = peer ? attention : [];
    let reply: PeerReply | undefined;
    const askPeer = async (attn: Attention, count: number) => {
      reply = await peer!.measure({ model, batch, length, steps: count, threads, attn });
      return median(reply.ms);
    };
    for (const attn of ways) await askPeer(attn, WARM_UP_STEPS);
    const [our, ...theirs] = await takeTurns(turns, [
      async () => median(await ours.measure(steps)),
      ...ways.map((attn) => () => askPeer(attn, steps)),
    ]);
    const best = fastest(theirs);
    report.add(compare(name, "ms", our, theirs[best]), peerNote(reply, ways[best], steps * turns));
  } finally {
    ours.dispose();
  }
}

/** Number of the side with the least median. */
function fastest(sides: readonly number[][]): number {
  const medians = sides.map(median);
  return medians.indexOf(Math.min(...medians));
}

function peerNote(reply: PeerReply | undefined, attn: Attention, steps: number): string {
  if (!reply) return `${steps} steps`;
  const { torch, transformers, threads } = reply;
  return `${steps} steps; PyTorch ${torch}, transformers ${transformers}, ${attn}, ${threads} threads`;
}
