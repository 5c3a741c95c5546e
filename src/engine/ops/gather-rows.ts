/**
 * Row gathers that come in pairs: `index` takes rows to places, `inverse` takes places back to rows. Where no row is
 * read twice, the derivative of one is the other, so no scatter is needed. ONNX Runtime's scatter-add with repeated
 * indices loses updates now and then.
 */
import type { Tensor } from "../graph/graph.ts";
import { customVjp } from "../graph/graph.ts";
import { concat, gather, reshape } from "./movement.ts";

/** Where rows go and where they come from. */
export interface RowMap {
  /** int64: for each place, the row that it reads. */
  readonly index: Tensor;
  /** Whether `index` may hold N, the number of rows: such a place is a pad and reads zeros. */
  readonly pads: boolean;
}

/**
 * Rows of `x [..., H]`, its leading dims flattened to N rows, read at `forward.index [...]` to `[index dims..., H]`.
 * `backward` maps the places, flattened, back to the N rows and its index has x's leading dims. A row that no place
 * reads must be a pad of `backward`, so that its gradient is zero; where two places read one row, all but the one that
 * `backward` names must have a zero gradient.
 */
export function gatherRows(x: Tensor, forward: RowMap, backward: RowMap): Tensor {
  const [y] = customVjp(
    "GatherRows",
    [x],
    () => {
      const rows = flattenRows(x);
      return [gather(forward.pads ? withZeroRow(rows) : rows, forward.index)] as const;
    },
    ([dy]) => [dy ? gatherRows(dy, backward, forward) : null],
  );
  return y;
}

function flattenRows(x: Tensor): Tensor {
  if (x.dims.length === 2) return x;
  return reshape(x, [x.dims.slice(0, -1).join("*"), x.dims.at(-1)!]);
}

function withZeroRow(x: Tensor): Tensor {
  const width = x.dims.at(-1) as number;
  return concat(
    [
      x,
      x.graph.float32(
        Array.from({ length: width }, () => 0),
        [1, width],
      ),
    ],
    0,
  );
}
