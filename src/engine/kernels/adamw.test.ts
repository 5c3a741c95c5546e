/** AdamW against PyTorch, in vectors and one by one, and on tables of which a batch reads few rows. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { arraysIn, LENGTHS, nearestBf16, sequence } from "../../../test/helpers/kernel-arrays.ts";
import { Arena } from "./arena.ts";
import type { AdamWOptions } from "./kernels.ts";

const arena = await Arena.create(8_000_000);
const { kernels } = arena;
const { floats, marksOf } = arraysIn(arena);

const OPTIONS = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  biasCorrection1: 0.1,
  biasCorrection2: 0.001,
  gradientScale: 1,
};

describe("adamwRows", () => {
  it("gives rows with and without a gradient the bits that adamw gives them", async () => {
    const arena = await Arena.create(1 << 16);
    const [rows, width] = [5, 13];
    const marks = arena.uint8(rows);
    marks.set([0, 2, 0, 1, 2]);
    const make = () => [0, 1, 2, 3].map(() => arena.float32(rows * width));
    const [whole, byRow] = [make(), make()];
    for (const [p, g, m, v] of [whole, byRow]) {
      for (let i = 0; i < p.length; i++) {
        const active = marks[Math.floor(i / width)];
        p[i] = Math.sin(i + 1);
        g[i] = active === 2 ? Math.cos(3 * i) : 0;
        m[i] = active ? 0.1 * Math.sin(7 * i) : 0;
        v[i] = active ? 0.01 * (1 + Math.sin(5 * i)) : 0;
      }
    }
    const options = { ...OPTIONS, gradientScale: 0.5 };
    const [p, g, m, v] = whole;
    arena.kernels.adamw(p, g, m, v, options);
    const [p2, g2, m2, v2] = byRow;
    arena.kernels.adamwRows(p2, g2, m2, v2, marks, options);
    expect([p2, m2, v2]).toEqual([p, m, v]);
    expect(() => arena.kernels.adamwRows(p, g, m, v, arena.uint8(4), options)).toThrow(RangeError);
  });

  it.each([1, 8, 13])(
    "ends moments of rows that are no longer read, and moves them alike: width %i",
    (width) => {
      const least = [2 ** -100, 2 ** -120];
      const options = { ...OPTIONS, biasCorrection1: 1, biasCorrection2: 1 };
      const [p, g, m, v] = [0.5, 0, 2 * least[0], 2 * least[1]].map((x) => floats(Array(width).fill(x)));
      let expected = 0.5;
      for (let step = 0; step < 800; step++) {
        kernels.adamwRows(p, g, m, v, marksOf([1]), options);
        expected = Math.fround(expected * Math.fround(1 - 0.1 * 0.01));
        const tiny = [m, v].flatMap((moment, i) => [...moment].filter((x) => x !== 0 && x < least[i]));
        expect(tiny.length).toBe(0);
      }
      expect([...m, ...v].every((x) => x === 0)).toBe(true);
      expect([...p]).toEqual(Array(width).fill(expected));
    },
  );
});

describe("adamw", () => {
  interface Fixture {
    options: { lr: number; betas: [number, number]; eps: number; weight_decay: number };
    initial: number[];
    steps: { gradient: number[]; parameters: number[]; exp_avg: number[]; exp_avg_sq: number[] }[];
  }
  const read = (name: string): Fixture =>
    JSON.parse(readFileSync(new URL(`../../../test/fixtures/${name}.json`, import.meta.url), "utf8"));
  const fixture = read("adamw");

  function optionsAt(step: number, gradientScale = 1): AdamWOptions {
    const { lr, betas, eps, weight_decay } = fixture.options;
    return {
      learningRate: lr,
      beta1: betas[0],
      beta2: betas[1],
      epsilon: eps,
      weightDecay: weight_decay,
      biasCorrection1: 1 - betas[0] ** step,
      biasCorrection2: 1 - betas[1] ** step,
      gradientScale,
    };
  }

  /** Largest distance over a series of steps, in units of float32's resolution at each element's largest value. */
  function maxUlps(actual: number[][], expected: number[][]): number {
    const distances = expected[0].map((_, i) => {
      const largest = Math.max(...expected.map((values) => Math.abs(values[i])), 2 ** -126);
      const distance = Math.max(...expected.map((values, step) => Math.abs(actual[step][i] - values[i])));
      return distance / 2 ** (Math.floor(Math.log2(largest)) - 23);
    });
    return Math.max(...distances);
  }

  it.each([
    ["adamw", 1, {}],
    ["adamw", 0.25, {}],
    ["adamw-uncorrected", 1, { biasCorrection1: 1, biasCorrection2: 1 }],
  ])("follows PyTorch step by step: %s, the gradient scaled by %s", (name, gradientScale, changes) => {
    const { initial, steps } = read(name);
    const p = floats(initial);
    const m = floats(new Float32Array(p.length));
    const v = floats(new Float32Array(p.length));
    const seen = steps.map((step, i) => {
      const g = floats(step.gradient.map((value) => value / gradientScale));
      kernels.adamw(p, g, m, v, { ...optionsAt(i + 1, gradientScale), ...changes });
      return { p: [...p], m: [...m], v: [...v] };
    });
    expect(
      maxUlps(
        seen.map((state) => state.m),
        steps.map((step) => step.exp_avg),
      ),
    ).toBeLessThanOrEqual(2);
    expect(
      maxUlps(
        seen.map((state) => state.v),
        steps.map((step) => step.exp_avg_sq),
      ),
    ).toBeLessThanOrEqual(3);
    expect(
      maxUlps(
        seen.map((state) => state.p),
        steps.map((step) => step.parameters),
      ),
    ).toBeLessThanOrEqual(3);
  });

  it.each(LENGTHS)(
    "does the same arithmetic in vectors as one by one, and touches nothing else: %i",
    (length) => {
      const whole = [1, 2, 3, 4].map((seed) => floats([...sequence(length, seed), 7]));
      whole[3].forEach((value, i) => {
        whole[3][i] = Math.abs(value);
      });
      const single = whole.map((array) => floats(array));
      const options = optionsAt(3, 0.5);
      const [p, g, m, v] = whole.map((array) => array.subarray(0, length));
      kernels.adamw(p, g, m, v, options);
      for (let i = 0; i < length; i++) {
        const [pi, gi, mi, vi] = single.map((array) => array.subarray(i, i + 1));
        kernels.adamw(pi, gi, mi, vi, options);
      }
      expect(whole).toEqual(single);
    },
  );

  it.each(LENGTHS)("writes the parameters in bf16 beside, and nothing else: %i", (length) => {
    const make = () => [1, 2, 3, 4].map((seed) => floats(sequence(length, seed).map(Math.abs)));
    const [[p, ...plain], [q, ...others]] = [make(), make()];
    const rounded = arena.uint16(length + 1);
    rounded.fill(7);
    kernels.adamw(p, plain[0], plain[1], plain[2], optionsAt(3));
    kernels.adamw(q, others[0], others[1], others[2], optionsAt(3), rounded.subarray(0, length));
    expect(q).toEqual(p);
    expect([...rounded]).toEqual([...Array.from(p, nearestBf16), 7]);
  });

  it("leaves the gradient, and with a learning rate of 0 the parameters, as they are", () => {
    const [p, g, m, v] = [sequence(20), sequence(20, 2), new Float32Array(20), new Float32Array(20)].map(
      floats,
    );
    kernels.adamw(p, g, m, v, { ...optionsAt(1), learningRate: 0 });
    expect([...p]).toEqual([...sequence(20)]);
    expect([...g]).toEqual([...sequence(20, 2)]);
    expect(m.every((value) => value !== 0)).toBe(true);
  });

  it("refuses arrays of different lengths and arrays outside the arena", () => {
    const four = floats([1, 2, 3, 4]);
    const three = floats([1, 2, 3]);
    expect(() => kernels.adamw(four, four, three, four, optionsAt(1))).toThrow(
      new RangeError("adamw: expected 4 elements, got 3"),
    );
    expect(() => kernels.adamw(four, four, four, new Float32Array(4), optionsAt(1))).toThrow(
      new TypeError("adamw: expected a view of the arena's memory"),
    );
    expect(() => kernels.adamw(four, four, four, four, optionsAt(1), arena.uint16(3))).toThrow(
      new RangeError("adamw: expected 4 elements, got 3"),
    );
    expect(() => kernels.adamw(four, four, four, four, optionsAt(1), new Uint16Array(4))).toThrow(TypeError);
  });
});
