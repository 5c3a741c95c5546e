/** Kernels on several threads: the bits of one, whoever does them and however many there are. */
import { expect, it } from "vitest";
import { Arena } from "./arena.ts";
import { SHARED_KERNELS_WASM } from "./generated/kernels-wasm.ts";
import { KernelThreads } from "./kernel-threads.ts";
import type { Kernels } from "./kernels.ts";

const OPTIONS = {
  ...{ learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
  ...{ biasCorrection1: 0.1, biasCorrection2: 0.001, gradientScale: 0.5 },
};
/** More than a round has room for. */
const PARTS = 1500;
const PART = 67;

/** All kernels over many small arrays, twice; every byte that they leave. */
async function bytesAfter(threads: number): Promise<Uint8Array> {
  const arena = await Arena.create(8 * 2 ** 20, { threads });
  const arrays = [1, 2, 3, 4].map((k) => {
    const array = arena.float32(PARTS * PART);
    for (let i = 0; i < array.length; i++) array[i] = Math.abs(Math.sin(k * i + k));
    return array;
  });
  const sums = Array.from({ length: PARTS }, () => arena.float64(1));
  const masks = Array.from({ length: PARTS }, () => arena.uint8(PART));
  const partsOf = (part: number) => arrays.map((array) => array.subarray(part * PART, (part + 1) * PART));
  const each = (call: (kernels: Kernels, part: number) => void) =>
    arena.together((kernels) => {
      for (let part = 0; part < PARTS; part++) call(kernels, part);
    });
  for (let step = 0; step < 2; step++) {
    each((kernels, part) => kernels.sumOfSquares(partsOf(part)[1], sums[part]));
    each((kernels, part) => {
      const [p, g, m, v] = partsOf(part);
      kernels.adamw(p, g, m, v, OPTIONS);
    });
    each((kernels, part) => kernels.dropoutMask(masks[part], 0.9, [1, 2, part, step]));
    // Room for a helper to wake up in.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return new Uint8Array(arena.memory.buffer).slice(0, arena.used);
}

it.each([2, 3, 9])("%i threads leave the bytes that one leaves", async (threads) => {
  const [one, several] = [await bytesAfter(1), await bytesAfter(threads)];
  expect(Buffer.compare(one, several)).toBe(0);
});

it("another thread takes its part, and each call is taken once", async () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
  const module = await WebAssembly.compile(Uint8Array.from(Buffer.from(SHARED_KERNELS_WASM, "base64")));
  const threads = new KernelThreads({ module, memory, names: ["add"] }, { helpers: 1 });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const add = exports.add as (...args: number[]) => void;
  const [counts, ones] = [new Float32Array(memory.buffer, 0, 400), new Float32Array(memory.buffer, 4096, 1)];
  ones[0] = 1;
  const calls = Array.from({ length: 400 }, (_, i) => [0, counts.byteOffset + 4 * i, 4096, 1] as const);
  let [rounds, own] = [0, 0];
  const slowly = (...args: number[]) => {
    own++;
    const end = performance.now() + 0.1;
    while (performance.now() < end);
    add(...args);
  };
  while (own === rounds * calls.length && rounds < 100) {
    threads.run(calls, [slowly]);
    rounds++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(own).toBeLessThan(rounds * calls.length);
  expect([...new Set(counts)]).toEqual([rounds]);
});

it("what fails on another thread is told", async () => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
  const module = await WebAssembly.compile(Uint8Array.from(Buffer.from(SHARED_KERNELS_WASM, "base64")));
  const threads = new KernelThreads({ module, memory, names: ["add"] }, { helpers: 1 });
  const outside = Array.from({ length: 50 }, () => [0, 2 ** 30, 2 ** 30, 8] as const);
  const wait = () => {
    const end = performance.now() + 1;
    while (performance.now() < end);
  };
  const attempt = async () => {
    for (let round = 0; round < 100; round++) {
      threads.run(outside, [wait]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await expect(attempt()).rejects.toThrow("a kernel failed");
});

it("refuses a wrong argument before anything runs", async () => {
  const arena = await Arena.create(4096, { threads: 2 });
  const [x, y] = [arena.float32(4).fill(1), arena.float32(3)];
  const work = (kernels: Kernels) => {
    kernels.add(x, x);
    kernels.add(x, y);
  };
  expect(() => arena.together(work)).toThrow(RangeError);
  expect([...x]).toEqual([1, 1, 1, 1]);
  arena.together((kernels) => kernels.add(x, x));
  expect([...x]).toEqual([2, 2, 2, 2]);
});

it("memory that nobody holds is given back, though it was shared", async () => {
  const bytes = 64 * 2 ** 20;
  const before = process.memoryUsage.rss();
  for (let run = 0; run < 30; run++) {
    const arena = await Arena.create(bytes, { threads: 2 });
    const x = arena.float32(bytes / 8).fill(1);
    arena.together((kernels) => kernels.add(x, x));
    arena.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // Of 30 arenas, half of each written to, some wait for the next collection.
  expect(process.memoryUsage.rss() - before).toBeLessThan(15 * (bytes / 2));
});
