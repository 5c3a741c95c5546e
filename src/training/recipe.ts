/**
 * The default recipe: how learning rates, warm-up and epochs follow from the model's size, the rows, the classes and
 * the steps. The measurements behind each number are in docs/recipes.md.
 */
import type { BertConfig } from "../model/config.ts";
import type { ProblemType } from "../tasks/text-classification.ts";

export interface RecipeInput {
  config: BertConfig;
  problemType: ProblemType;
  classes: number;
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
/** A score says more than a yes or no: regression learns at the rate of eight classes. */
const REGRESSION_CLASSES = 8;
/** The head starts from nothing and has as many steps as the encoder, which starts near its goal. */
const HEAD_FACTOR = 10;

/**
 * Up to this size a model is too small to learn the rows by heart in a few epochs: dropout then only slows it down.
 */
const SMALL = 512;

export function chooseRecipe({ config, problemType, classes }: RecipeInput): Recipe {
  const width = config.hidden_size;
  const effective = problemType === "regression" ? REGRESSION_CLASSES : Math.max(2, classes);
  const factor = Math.min(LARGEST_FACTOR, Math.sqrt(effective / 2));
  // Two digits: what a person would write.
  const learningRate = Number((RATE * (RATE_SIZE / width) * factor).toPrecision(2));
  const what = problemType === "regression" ? "a score" : `${classes} classes`;
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
const STANDARD_EPOCHS = 3;
const MOST_EPOCHS = 10;

/** Epochs where nothing is said: three, and more where three would be too few steps to learn from. */
export function chooseEpochs(stepsPerEpoch: number): number {
  return Math.min(MOST_EPOCHS, Math.max(STANDARD_EPOCHS, Math.ceil(FEW_STEPS / stepsPerEpoch)));
}
