/** The embedding tables' part of a step: the rows that its batches read get their gradients. */
import type { Arena } from "../engine/kernels/arena.ts";
import type { Batch } from "./batch.ts";
import type { ParameterStore, StoredParameter } from "./parameter-store.ts";

/** Tables whose rows a batch looks up, by what it looks them up with. */
export const TABLES = {
  words: "bert.embeddings.word_embeddings.weight",
  positions: "bert.embeddings.position_embeddings.weight",
  types: "bert.embeddings.token_type_embeddings.weight",
} as const;

type Kind = keyof typeof TABLES;

export class EmbeddingTables {
  /** All tables lie in it. */
  readonly #arena: Arena;
  /** Those that learn. */
  readonly #tables: readonly (readonly [Kind, StoredParameter])[];

  constructor(store: ParameterStore) {
    this.#arena = store.arena;
    const kinds = Object.keys(TABLES) as Kind[];
    const tables = kinds.map((kind) => [kind, store.get(TABLES[kind])] as const);
    this.#tables = tables.filter(([, { frozen }]) => !frozen);
  }

  /** No row has a gradient any more. */
  clear(): void {
    this.#arena.together((kernels) => {
      for (const [, { gradient, marks }] of this.#tables) kernels.clearMarkedRows(gradient, marks);
    });
  }

  /** `rowGradient [T, H]`: of the sum of the rows that each token reads; tokens behind the batch's own are left out. */
  add({ tableRows, tokens }: Batch, rowGradient: Float32Array): void {
    this.#arena.together((kernels) => {
      for (const [kind, { gradient, marks, weight }] of this.#tables) {
        const width = weight.length / marks.length;
        kernels.addRows(gradient, marks, tableRows[kind], rowGradient.subarray(0, tokens * width));
      }
    });
  }
}
