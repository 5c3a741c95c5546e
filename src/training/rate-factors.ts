/**
 * Learning rates by depth: lower layers hold what is general and move less (Howard and Ruder 2018, discriminative
 * fine-tuning), a head that starts from nothing moves more.
 */

export interface RateOptions {
  learningRate: number;
  headLearningRate: number;
  /** Factor from each layer to the one below; 1: all layers alike. */
  layerDecay: number;
  layers: number;
}

/** Factor on `learningRate` for each parameter: the pooler and the last layer have 1, the embeddings decay^layers. */
export function rateFactors(options: RateOptions): (parameter: string) => number {
  const { learningRate, headLearningRate, layerDecay, layers } = options;
  return (parameter) => {
    if (!parameter.startsWith("bert.")) return headLearningRate / learningRate;
    if (parameter.startsWith("bert.pooler.")) return 1;
    const layer = /^bert\.encoder\.layer\.(\d+)\./.exec(parameter);
    return layerDecay ** (layer ? layers - 1 - Number(layer[1]) : layers);
  };
}
