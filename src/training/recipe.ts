/**
 * The default recipe: how learning rates, warm-up and epochs follow from the model's size, the rows, the classes and
 * the steps. The measurements behind each number are in docs/recipes.md.
 */
import type { BertConfig } from "../model/config.ts";

export interface RecipeInput {
  config: BertConfig;
  /** How many classes a step tells apart. */
  classes: number;
  /** What that is, for people. */
  what: string;
}

export interface Recipe {
  /** Peak rate of the encoder. */
  learningRate: number;
  /** Peak rate of the layers that start from nothing. */
  headLearningRate: number;
  /** Factor on the rate from a layer to the one below. */
  layerDecay: number;
  /** A share of all steps. */
  warmupSteps: number;
  /** undefined: the checkpoint's own. */
  dropout: number | undefined;
  /** Why this rate, for people. */
  reason: string;
}

/** Good for two classes at the default model's size. */
const RATE = 1e-4;
const RATE_SIZE = 384;
/** More classes ask more of the encoder in the same steps; a rate above this factor was never better. */
const LARGEST_FACTOR = 3;
/** The head starts from nothing and has as many steps as the encoder, which starts near its goal. */
const HEAD_FACTOR = 10;

/**
 * Up to this size a model is too small to learn the rows by heart in a few epochs: dropout then only slows it down.
 */
const SMALL = 512;

export function chooseRecipe({ config, classes, what }: RecipeInput): Recipe {
  const width = config.hidden_size;
  const factor = Math.min(LARGEST_FACTOR, Math.sqrt(Math.max(2, classes) / 2));
  // Two digits: what a person would write.
  const learningRate = Number((RATE * (RATE_SIZE / width) * factor).toPrecision(2));
  return {
    learningRate,
    headLearningRate: HEAD_FACTOR * learningRate,
    layerDecay: 1,
    warmupSteps: 0.1,
    dropout: width <= SMALL ? 0 : undefined,
    reason: `for ${width} hidden features and ${what}`,
  };
}

/** Steps that a short training set should be given. */
const FEW_STEPS = 240;
const MOST_EPOCHS = 10;

/** Epochs where nothing is said: the task's standard, and more where that would be too few steps to learn from. */
export function chooseEpochs(stepsPerEpoch: number, standard: number): number {
  return Math.min(MOST_EPOCHS, Math.max(standard, Math.ceil(FEW_STEPS / stepsPerEpoch)));
}
