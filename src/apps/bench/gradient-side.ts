/** A side of `--suite gradients`: a model's own weights, a head that starts fresh, and the gradients of batches of rows. */
import {
  chooseRecompute,
  type Features,
  type LoadedRuntime,
  largestSizes,
  loadWeights,
  type ModelFiles,
  ParameterStore,
  planWeights,
  TrainingStep,
  trainingLowering,
} from "../../internals.ts";
import { type TextClassification, trainingProgram } from "../../node.ts";

/** What all sides have in common. */
export interface GradientInputs {
  readonly files: ModelFiles;
  readonly task: TextClassification;
  readonly features: Features;
  /** Rows of a batch at most. */
  readonly rows: number;
  /** Of the head and the masks. */
  readonly seed: number;
}

export interface GradientSideOptions extends GradientInputs {
  readonly runtime: LoadedRuntime;
  /** Of all dropout; sides of one runtime have the same masks. */
  readonly dropout: number;
}

export class GradientSide {
  readonly #options: GradientSideOptions;
  readonly #store: ParameterStore;
  readonly #step: TrainingStep;
  readonly #added: readonly string[];

  private constructor(
    options: GradientSideOptions,
    store: ParameterStore,
    step: TrainingStep,
    added: readonly string[],
  ) {
    this.#options = options;
    this.#store = store;
    this.#step = step;
    this.#added = added;
  }

  /** The graph is the one that `fineTune` builds for these rows and this runtime. */
  static async create(options: GradientSideOptions): Promise<GradientSide> {
    const { files, task, features, rows, seed, runtime, dropout } = options;
    const dropouts = { hidden_dropout_prob: dropout, attention_probs_dropout_prob: dropout };
    const config = { ...files.config, ...dropouts, classifier_dropout: dropout };
    const largest = largestSizes(features, rows);
    const lowering = trainingLowering(runtime, config, largest);
    const recompute = chooseRecompute(config, largest);
    const program = trainingProgram(task, config, { lowering, recompute });
    const store = await ParameterStore.create(program.parameters, {
      training: true,
      rounded: new Set(program.rounded.values()),
      batchBytes: TrainingStep.bytes(program, largest),
    });
    const plan = planWeights(files.checkpoint, program.parameters, files.folder, { complete: false });
    const initializerRange = config.initializer_range;
    await loadWeights(files.checkpoint, plan, store, { seed, initializerRange });
    const step = await TrainingStep.create({ runtime, program, task, store, seed, accumulation: 1 });
    return new GradientSide(options, store, step, plan.added);
  }

  /**
   * Of a batch, by name; they hold until the next call. Embedding tables have none of their own. The batch's `number`
   * decides its masks.
   */
  async gradients(rows: readonly number[], number: number): Promise<ReadonlyMap<string, Float32Array>> {
    await this.#step.gradients(this.#options.features, [rows], number);
    const dense = this.#store.parameters.filter(({ spec }) => !spec.table);
    return new Map(dense.map(({ spec, gradient }) => [spec.name, gradient]));
  }

  /** Parameters that the checkpoint does not have, by name. */
  get freshParameters(): Record<string, number[]> {
    return Object.fromEntries(this.#added.map((name) => [name, Array.from(this.#store.get(name).weight)]));
  }

  dispose(): void {
    this.#step.dispose();
  }
}
