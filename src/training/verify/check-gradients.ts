/**
 * The gradients of a run's own training step against central differences of its own loss, dropout and all: a few
 * coordinates of every tensor. (The tests hold every operator's gradient against differences and against PyTorch.)
 */
import type { Features } from "../../tasks/features.ts";
import type { ParameterStore, StoredParameter } from "../parameter-store.ts";
import type { TrainingStep } from "../training-step.ts";

/** Those of a tensor with the largest gradients, moved together: one alone would drown in the loss's rounding. */
const COORDINATES = 16;
/** How far each is moved. The weights of BERT are some 0.04, so that curvature shows in the fourth digit of the loss. */
const MOVE = 1e-2;
/**
 * Of the difference. Curvature makes up to some percent of it at that move; a missing or doubled term, half of it or
 * more.
 */
const RELATIVE = 0.1;
/** Of the loss: rounding in float32 leaves so much of it uncertain, whatever the gradient. */
const ROUNDING = 5e-6;

export interface GradientReport {
  /** Tensors whose gradient is far enough above rounding to be compared. */
  readonly compared: number;
  readonly tensors: number;
  /** Those that do not agree: what the loss changed by, and what the gradient says. */
  readonly differing: readonly { readonly name: string; readonly found: number; readonly expected: number }[];
}

/** Takes the gradients of one micro-batch of `rows`; weights are as before afterwards. */
export async function checkGradients(
  { step, store }: { step: TrainingStep; store: ParameterStore },
  train: Features,
  rows: readonly number[],
  signal?: AbortSignal,
): Promise<GradientReport> {
  const lossNow = async () => (await step.gradients(train, [rows], 0, signal)).loss;
  const loss = await lossNow();
  // The next steps write over the gradients.
  const directions = store.parameters.filter(({ gradient }) => gradient.length > 0).map(steepest);
  const differing: { name: string; found: number; expected: number }[] = [];
  let compared = 0;
  for (const { parameter, coordinates, slope } of directions) {
    const expected = 2 * MOVE * slope;
    const uncertain = ROUNDING * Math.abs(loss);
    if (expected * RELATIVE < uncertain) continue;
    compared += 1;
    const found = await changeOfLoss(parameter, coordinates, store, lossNow);
    if (Math.abs(found - expected) > expected * RELATIVE + uncertain) {
      differing.push({ name: parameter.spec.name, found, expected });
    }
  }
  return { compared, tensors: directions.length, differing };
}

interface Direction {
  parameter: StoredParameter;
  /** Places in the tensor, and the sign of the gradient there. */
  coordinates: readonly { readonly at: number; readonly sign: number }[];
  /** Of the loss along all of them. */
  slope: number;
}

function steepest(parameter: StoredParameter): Direction {
  const { gradient } = parameter;
  const places = largest(gradient, COORDINATES);
  const coordinates = places.map((at) => ({ at, sign: Math.sign(gradient[at]) }));
  const slope = places.reduce((sum, at) => sum + Math.abs(gradient[at]), 0);
  return { parameter, coordinates, slope };
}

/** Places of the `count` largest magnitudes, largest first. */
function largest(values: Float32Array, count: number): number[] {
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (places.length === count && size <= Math.abs(values[places[count - 1]])) continue;
    const rank = places.findIndex((at) => Math.abs(values[at]) < size);
    places.splice(rank < 0 ? places.length : rank, 0, i);
    places.length = Math.min(places.length, count);
  }
  return places;
}

/** From the weights moved down the slope to those moved up. */
async function changeOfLoss(
  { weight }: StoredParameter,
  coordinates: Direction["coordinates"],
  store: ParameterStore,
  lossNow: () => Promise<number>,
): Promise<number> {
  const before = coordinates.map(({ at }) => weight[at]);
  const moved = async (distance: number) => {
    for (const [i, { at, sign }] of coordinates.entries()) weight[at] = before[i] + distance * sign;
    store.round();
    return lossNow();
  };
  try {
    return (await moved(MOVE)) - (await moved(-MOVE));
  } finally {
    for (const [i, { at }] of coordinates.entries()) weight[at] = before[i];
    store.round();
  }
}
