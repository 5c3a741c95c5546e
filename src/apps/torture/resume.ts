/**
 * The suite `resume`: runs of every kind, with dropout, shuffling, evaluations and accumulation, are stopped at every
 * step and inside steps; what goes on from there has the bits of a run that was never stopped.
 */
import { readFileSync } from "node:fs";
import { hash32 } from "../../util/random.ts";
import { expectSame } from "./expect-same.ts";
import { hashOf } from "./hashes.ts";
import { type FineTuneOptions, type FineTuneResult, fineTune } from "./library.ts";
import { KINDS, type Kind } from "./rows.ts";
import type { Suite, SuiteContext } from "./suite.ts";
import { writeTinyModel } from "./tiny-model.ts";

const STEPS = 60;
const QUICK_STEPS = 12;
/** Runs of one and the same, whose models must be one. */
const REPEATS = 20;

export const resumeSuite: Suite = {
  about: `stopped at every step of ${STEPS}, a run goes on to the same bits; ${REPEATS} runs make one model`,
  async run(context) {
    const model = writeTinyModel(`${context.folder}/model`);
    const steps = context.quick ? QUICK_STEPS : STEPS;
    let cases = 0;
    for (const kind of KINDS) {
      const held = await tryKind(kind, { ...context, model, steps });
      context.note(`${kind.name}: ${held} cases held.`);
      cases += held;
    }
    return cases;
  },
};

type KindContext = SuiteContext & { model: string; steps: number };

async function tryKind(kind: Kind, context: KindContext): Promise<number> {
  const { steps } = context;
  const last = steps - 1;
  const straight = `${context.folder}/${kind.name}-straight`;
  await train(kind, context, { output: straight, saveSteps: 1, saveTotalLimit: steps }, { stopAt: last });
  const stops = context.quick ? [3] : Array.from({ length: last - 1 }, (_, i) => i + 1);
  for (const stop of stops) {
    const output = `${context.folder}/${kind.name}-${stop}`;
    // A dozen turns are several steps of so small a model: near the end they would be its end.
    const turns = stop > last - 6 ? 0 : hash32(context.seed, stop) % 12;
    const first = await train(kind, context, { output, saveSteps: steps }, { stopAt: stop, turns });
    // Stopped in the step that follows, it is the state after `stop`; where that step was faster, after more. A stop in
    // an evaluation leaves that to the run that goes on.
    const found = stateAt(output, first);
    if (found.evaluated) expectSame(`${kind.name}, stopped at ${stop}`, found, stateAt(straight, first));
    const step = await train(kind, context, { output, saveSteps: steps, resume: true }, { stopAt: last });
    expectSame(`${kind.name}, resumed from ${first}`, stateAt(output, step), stateAt(straight, step));
  }
  return stops.length + (context.quick ? 0 : await tryRepeats(kind, context));
}

/** The same run again and again, half of them stopped once, to its end. */
async function tryRepeats(kind: Kind, context: KindContext): Promise<number> {
  const models = new Set<string>();
  for (let i = 0; i < REPEATS; i++) {
    const output = `${context.folder}/${kind.name}-repeat-${i}`;
    if (i % 2 === 1) await train(kind, context, { output }, { stopAt: 1 + ((7 * i) % (context.steps - 2)) });
    await fineTune(optionsOf(kind, context, { output, resume: true }));
    models.add(hashOf(`${output}/model.safetensors`) + hashOf(`${output}/trainer_state.json`));
  }
  if (models.size !== 1) throw new Error(`${kind.name}: ${REPEATS} equal runs made ${models.size} models`);
  return REPEATS;
}

/**
 * Trains until step `stopAt` is done and `turns` turns of the event loop have passed since, so that the stop is often in
 * the middle of the next step. Returns the step of the checkpoint that this left.
 */
async function train(
  kind: Kind,
  context: KindContext,
  options: Partial<FineTuneOptions>,
  { stopAt, turns = 0 }: { stopAt: number; turns?: number },
): Promise<number> {
  const controller = new AbortController();
  let saved = 0;
  const run: Promise<FineTuneResult> = fineTune(
    optionsOf(kind, context, {
      ...options,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === "checkpoint") saved = event.step;
        if (event.type === "step" && event.step === stopAt) abortLater(controller, turns);
      },
    }),
  );
  await run.then(
    () => {
      throw new Error(`${kind.name}: a run that was to be stopped at step ${stopAt} went on to its end`);
    },
    (error: unknown) => {
      if (error !== controller.signal.reason) throw error;
    },
  );
  return saved;
}

function optionsOf(
  { options, row }: Kind,
  { model, steps }: KindContext,
  more: Partial<FineTuneOptions>,
): FineTuneOptions {
  return {
    ...options,
    model,
    train: Array.from({ length: 70 }, (_, i) => row(i)),
    validation: Array.from({ length: 12 }, (_, i) => row(100 + i)),
    maxSteps: steps,
    perDeviceTrainBatchSize: 4,
    gradientAccumulationSteps: 2,
    evalSteps: steps / 6,
    dropout: 0.1,
    learningRate: 1e-3,
    threads: 1,
    ...more,
  };
}

function abortLater(controller: AbortController, turns: number): void {
  if (turns === 0) controller.abort();
  else setImmediate(() => abortLater(controller, turns - 1));
}

/** All of a checkpoint but seconds; of its files the hashes. */
function stateAt(output: string, step: number): Record<string, unknown> {
  const text = readFileSync(`${output}/checkpoints/step-${step}/state.json`, "utf8");
  const { state, files } = JSON.parse(text).content;
  return { ...state, seconds: undefined, trainingSeconds: undefined, files };
}
