/** The default recipe: what learning rate and warm-up follow from the model, the rows and the classes (docs/recipes.md). */
import type { BertConfig } from "../model/config.ts";
import type { ProblemType } from "../tasks/text-classification.ts";

export interface RecipeInput {
  config: BertConfig;
  problemType: ProblemType;
  rows: number;
  classes: number;
  totalSteps: number;
}

export interface Recipe {
  learningRate: number;
  /** Of the layers that start from nothing; undefined: as the others. */
  headLearningRate?: number;
  layerDecay: number;
  /** A share of all steps. */
  warmupSteps: number;
  /** Why this rate, for people. */
  reason: string;
}

export function chooseRecipe({ config }: RecipeInput): Recipe {
  const learningRate = 5e-5 * Math.sqrt(768 / config.hidden_size);
  return {
    learningRate,
    layerDecay: 1,
    warmupSteps: 0.1,
    reason: `for ${config.hidden_size} hidden features`,
  };
}
