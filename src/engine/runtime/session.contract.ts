/** What every runtime must do; see `session.ts`. */
import { setImmediate as nextTurn, setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectGarbage, f32, settledMemory, wasm } from "./memory.contract.ts";
import { ALL_TYPES, powers, SUBTRACT, sums, TWO_OUTPUTS, WIDEN } from "./models.contract.ts";
import type { Runtime, Session, TensorView } from "./session.ts";

export interface Expectations {
  /** Runs leave the JavaScript thread, and an abort stops one half-way. */
  offThread: boolean;
  /** There are tensors of bfloat16. */
  bfloat16: boolean;
  /** A result that does not fit the memory for it leaves that memory as it was. */
  fitsBeforeWriting: boolean;
}

export function sessionContract(
  load: () => Promise<Runtime>,
  { offThread, bfloat16, fitsBeforeWriting }: Expectations,
): void {
  let runtime: Runtime;
  const sessions: Session[] = [];

  beforeAll(async () => {
    runtime = await load();
  });
  afterAll(() => {
    for (const session of sessions) session.dispose();
  });

  async function open(model: Uint8Array): Promise<Session> {
    const session = await runtime.createSession(model, { threads: 2 });
    sessions.push(session);
    return session;
  }

  /** A session whose run takes long, its inputs bound, and the output that only a whole run writes. */
  async function openLong(): Promise<{ session: Session; y: TensorView & { data: Float32Array } }> {
    const session = await open(powers(300));
    const n = 320;
    const identity = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
    session.bind({ x: f32(identity, [n, n]), w: f32(identity, [n, n]) });
    return { session, y: f32(new Float32Array(n * n).fill(-1), [n, n]) };
  }

  describe("a session", () => {
    it("says what it is", async () => {
      expect(runtime.version).toMatch(/^\d+\.\d+\.\d+/);
      const session = await open(TWO_OUTPUTS);
      expect(session.inputNames).toEqual(["x"]);
      expect(session.outputNames).toEqual(["sum", "product"]);
    });

    it("refuses bytes that are no model", async () => {
      for (const bytes of [Uint8Array.of(), Uint8Array.of(1, 2, 3), SUBTRACT.slice(0, 40)]) {
        await expect(runtime.createSession(bytes)).rejects.toThrow();
      }
    });

    it("refuses a graph that does not hold together, with the library's reason", async () => {
      const broken = sums(3);
      const text = Buffer.from(broken).toString("latin1").replace("Add", "Abd");
      await expect(runtime.createSession(Buffer.from(text, "latin1"))).rejects.toThrow(/Abd/);
    });

    it("takes tensors in shared memory where it says so", async () => {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      const session = await open(SUBTRACT);
      const next = wasm(memory, 128, [0, 0]);
      const run = async () => {
        session.bind({ p: wasm(memory, 0, [5, 7]), g: wasm(memory, 64, [1, 2]), next });
        await session.run({}, {});
      };
      if (runtime.takesSharedMemory) {
        await run();
        expect([...next.data]).toEqual([4, 5]);
      } else await expect(run()).rejects.toThrow();
    });

    it("can be disposed of twice, and not used afterwards", async () => {
      const session = await runtime.createSession(SUBTRACT);
      session.bind({ p: f32([1]), g: f32([1]), next: f32([0]) });
      session.dispose();
      session.dispose();
      await expect(session.run({}, {})).rejects.toThrow("run: the session is disposed");
      expect(() => session.bind({ p: f32([1]) })).toThrow("bind: the session is disposed");
    });
  });

  describe("run", () => {
    it("writes outputs in place, in memory of WebAssembly and of JavaScript", async () => {
      const session = await open(TWO_OUTPUTS);
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
      const sum = { ...wasm(memory, 128, [0, 0, 0, 0]), dims: [1, 4] };
      const product = f32([0, 0, 0, 0], [1, 4]);
      await session.run({ x: f32([1, 2, 3, 4], [1, 4]) }, { sum, product });
      expect([...new Float32Array(memory.buffer, 124, 6)]).toEqual([0, 2, 4, 6, 8, 0]);
      expect([...product.data]).toEqual([1, 4, 9, 16]);
    });

    it("takes many sizes in turns in the same memory, and sees what it holds by then", async () => {
      const session = await open(TWO_OUTPUTS);
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
      for (const [round, most] of [40, 40, 8, 8].entries()) {
        for (let rows = 1; rows <= most; rows++) {
          const values = Array.from({ length: 4 * rows }, (_, i) => round * rows + i);
          const at = (offset: number) => ({ ...wasm(memory, offset, values), dims: [rows, 4] });
          const [x, sum, product] = [at(0), at(4096), at(8192)];
          await session.run({ x }, { sum, product });
          expect([...sum.data]).toEqual(values.map((value) => 2 * value));
          expect([...product.data]).toEqual(values.map((value) => value * value));
        }
      }
    });

    it("updates memory that is input and output at once", async () => {
      const session = await open(SUBTRACT);
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
      const p = wasm(memory, 64, [1, 2, 3]);
      session.bind({ p, g: f32([0.25, 0.5, 1]), next: p });
      for (let i = 0; i < 3; i++) await session.run({}, {});
      expect([...p.data]).toEqual([0.25, 0.5, 0]);
    });

    it("reads bound memory anew each time", async () => {
      const session = await open(SUBTRACT);
      const [p, next] = [f32([1, 1]), f32([0, 0])];
      session.bind({ p, g: f32([1, 2]), next });
      await session.run({}, {});
      expect([...next.data]).toEqual([0, -1]);
      p.data.fill(10);
      await session.run({}, {});
      expect([...next.data]).toEqual([9, 8]);
    });

    it("takes every element type", async () => {
      const session = await open(ALL_TYPES);
      const y = f32(new Float32Array(6), [2, 3]);
      session.bind({ table: f32([0, 0, 0, 1, 2, 3, 4, 5, 6], [3, 3]) });
      await session.run(
        {
          ids: { type: "int64", dims: [2], data: BigInt64Array.of(2n, 1n) },
          mask: { type: "uint8", dims: [2, 1], data: Uint8Array.of(1, 0) },
          offset: { type: "int32", dims: [2, 1], data: Int32Array.of(-10, 7) },
        },
        { y },
      );
      expect([...y.data]).toEqual([-6, -5, -4, 7, 7, 7]);
    });

    it("takes another shape each time, an empty one too", async () => {
      const session = await open(TWO_OUTPUTS);
      for (const rows of [3, 1, 200, 0, 7, 3]) {
        const x = Float32Array.from({ length: rows * 4 }, (_, i) => i);
        const sum = f32(new Float32Array(rows * 4), [rows, 4]);
        const product = f32(new Float32Array(rows * 4), [rows, 4]);
        await session.run({ x: f32(x, [rows, 4]) }, { sum, product });
        expect([...sum.data]).toEqual([...x.map((value) => value * 2)]);
        expect([...product.data]).toEqual([...x.map((value) => value * value)]);
      }
    });

    it("writes the outputs that are asked for and no other", async () => {
      const session = await open(TWO_OUTPUTS);
      const [sum, product] = [f32([0, 0, 0, 0], [1, 4]), f32([0, 0, 0, 0], [1, 4])];
      const x = f32([1, 2, 3, 4], [1, 4]);
      await session.run({ x }, { sum });
      expect([...sum.data]).toEqual([2, 4, 6, 8]);
      await session.run({ x }, { product });
      expect([...product.data]).toEqual([1, 4, 9, 16]);
    });

    it("puts a run's own tensors before the bound ones, for that run", async () => {
      const session = await open(SUBTRACT);
      const [bound, own] = [f32([0]), f32([0])];
      session.bind({ p: f32([5]), g: f32([1]), next: bound });
      await session.run({ p: f32([7]) }, { next: own });
      expect([bound.data[0], own.data[0]]).toEqual([0, 6]);
      await session.run({}, {});
      expect([bound.data[0], own.data[0]]).toEqual([4, 6]);
    });

    it("follows a new binding", async () => {
      const session = await open(SUBTRACT);
      const [first, second] = [f32([0]), f32([0])];
      session.bind({ p: f32([1]), g: f32([1]), next: first });
      session.bind({ p: f32([3]), next: second });
      await session.run({}, {});
      expect([first.data[0], second.data[0]]).toEqual([0, 2]);
      session.bind({ p: f32([1, 2]), g: f32([1, 1]), next: f32([0, 0]) });
      await session.run({}, {});
    });

    it("holds deep graphs", async () => {
      const session = await open(sums(5000));
      const y = f32([0, 0]);
      await session.run({ x: f32([0, 1]), w: f32([1, 2]) }, { y });
      expect([...y.data]).toEqual([5000, 10_001]);
    });

    it("works in two sessions at the same time", async () => {
      const [a, b] = [await openLong(), await openLong()];
      await Promise.all([a.session.run({}, { y: a.y }), b.session.run({}, { y: b.y })]);
      expect(a.y.data[0]).toBe(1);
      expect(b.y.data).toEqual(a.y.data);
    });

    it("refuses to overlap another run, which goes on", async () => {
      const { session, y } = await openLong();
      const first = session.run({}, { y });
      await expect(session.run({}, { y })).rejects.toThrow("run: a run of this session is under way");
      expect(() => session.bind({ x: y })).toThrow("bind: a run of this session is under way");
      await first;
      expect(y.data[0]).toBe(1);
    });

    it("ends before its session is disposed of", async () => {
      const { session, y } = await openLong();
      const run = session.run({}, { y });
      session.dispose();
      await run;
      expect(y.data[0]).toBe(1);
    });
  });

  it("takes bfloat16 where it says so", async () => {
    if (!bfloat16) return expect(open(WIDEN)).rejects.toThrow("data type");
    const session = await open(WIDEN);
    const y = f32(new Float32Array(3));
    session.bind({ x: { type: "bfloat16", dims: [3], data: Uint16Array.of(0x3fc0, 0xc000, 0x0001) }, y });
    await session.run({}, {});
    expect([...y.data]).toEqual([1.5, -2, 2 ** -133]);
    expect(() => session.bind({ x: f32([1, 2, 3]) })).toThrow("expected bfloat16, got float32");
  });

  describe("wrong tensors", () => {
    const x = f32([1, 2, 3, 4], [1, 4]);
    const ids = { type: "int64", dims: [1, 4], data: new BigInt64Array(4) } as const;

    it.each<[string, Record<string, TensorView>, Record<string, TensorView>, string]>([
      ["an unknown input", { y: x }, { sum: x }, "run: no tensor for input x"],
      ["an unknown input beside", { x, xx: x }, { sum: x }, 'the model has no input "xx", it has "x"'],
      ["an unknown output", { x }, { summ: x }, 'the model has no output "summ", it has "sum"'],
      ["another type", { x: ids }, { sum: x }, 'input "x": expected float32, got int64'],
      [
        "another kind of array",
        { x: { ...x, data: new Int32Array(4) } },
        { sum: x },
        'input "x": float32 is held by Float32Array, got Int32Array',
      ],
      [
        "other dims",
        { x: { ...x, dims: [2, 2] } },
        { sum: x },
        'input "x": expected dims [T, 4], got [2, 2]',
      ],
      ["another rank", { x: { ...x, dims: [4] } }, { sum: x }, 'input "x": expected dims [T, 4], got [4]'],
      ["a negative size", { x: { ...x, dims: [-1, 4] } }, { sum: x }, "expected dims [T, 4], got [-1, 4]"],
      [
        "too few elements",
        { x: { ...x, dims: [2, 4] } },
        { sum: x },
        'input "x": dims [2, 4] need 8 elements, got 4',
      ],
      [
        "an output too short",
        { x },
        { sum: { ...x, dims: [2, 4] } },
        'output "sum": dims [2, 4] need 8 elements, got 4',
      ],
    ])("%s are refused", async (_, feeds, fetches, message) => {
      const session = await open(TWO_OUTPUTS);
      await expect(session.run(feeds, fetches)).rejects.toThrow(message);
      await session.run({ x }, { sum: f32([0, 0, 0, 0], [1, 4]) });
    });

    it("of another size than the result are refused by the library", async () => {
      const session = await open(TWO_OUTPUTS);
      const sum = f32(new Float32Array(8), [2, 4]);
      await expect(session.run({ x }, { sum })).rejects.toThrow();
      if (fitsBeforeWriting) expect(sum.data.every((value) => value === 0)).toBe(true);
      const subtract = await open(SUBTRACT);
      await expect(
        subtract.run({ p: f32([1, 2]), g: f32([1, 2, 3]) }, { next: f32([0, 0]) }),
      ).rejects.toThrow();
    });

    it("cannot be bound, and leave the bindings as they were", async () => {
      const session = await open(SUBTRACT);
      const next = f32([0]);
      session.bind({ p: f32([3]), g: f32([1]), next });
      expect(() => session.bind({ p: f32([9]), q: f32([1]) })).toThrow(
        new TypeError('the model has no input or output "q", it has "p"'),
      );
      expect(() => session.bind({ p: { ...ids, dims: [4] } })).toThrow(TypeError);
      expect(() => session.bind({ next: f32([1], [1, 1]) })).toThrow(RangeError);
      await session.run({}, {});
      expect(next.data[0]).toBe(2);
    });

    it("an input without memory is named", async () => {
      const session = await open(SUBTRACT);
      await expect(session.run({ p: f32([1]) }, { next: f32([0]) })).rejects.toThrow(
        "run: no tensor for input g",
      );
    });
  });

  describe("an abort", () => {
    const reason = new Error("enough");

    it("before the run keeps it from starting", async () => {
      const { session, y } = await openLong();
      await expect(session.run({}, { y }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      expect(y.data[0]).toBe(-1);
    });

    it("during the run rejects with its reason, and a later run works", async () => {
      const { session, y } = await openLong();
      const controller = new AbortController();
      const run = session.run({}, { y }, { signal: controller.signal });
      void setTimeout(5).then(() => controller.abort(reason));
      if (offThread) {
        await expect(run).rejects.toBe(reason);
        expect(y.data[0]).toBe(-1); // stopped before its last node
      } else {
        // The run is over before the abort can be seen, or rejects after it.
        const [outcome] = await Promise.allSettled([run]);
        if (outcome.status === "rejected") expect(outcome.reason).toBe(reason);
      }
      await session.run({}, { y });
      expect(y.data[0]).toBe(1);
    });

    it("after the run changes nothing", async () => {
      const session = await open(SUBTRACT);
      const controller = new AbortController();
      const next = f32([0]);
      const feeds = { p: f32([3]), g: f32([1]) };
      await session.run(feeds, { next }, { signal: controller.signal });
      controller.abort(reason);
      await session.run(feeds, { next });
      expect(next.data[0]).toBe(2);
    });
  });

  describe("memory", () => {
    it("that only a run refers to outlives the garbage collector", async () => {
      const session = await open(SUBTRACT);
      // Small arrays start inside V8's heap, where objects move; large ones are freed as soon as nothing holds them.
      for (const length of [4, 16, 17, 300_000]) {
        const value = (i: number) => i % 97;
        session.bind({ g: f32(Float32Array.from({ length }, (_, i) => value(i))) });
        for (let repeat = 0; repeat < 8; repeat++) {
          const next = f32(new Float32Array(length));
          const run = session.run({ p: f32(new Float32Array(length).fill(100)) }, { next });
          collectGarbage();
          new Float32Array(length).fill(5); // takes freed memory, and writes to it
          await run;
          collectGarbage();
          expect(next.data.every((element, i) => element === 100 - value(i))).toBe(true);
        }
      }
    });

    it("does not grow from run to run", async () => {
      const session = await open(SUBTRACT);
      const length = 20_000;
      session.bind({ p: f32(new Float32Array(length)) });
      const g = f32(new Float32Array(length));
      const next = f32(new Float32Array(length));
      const runs = async (count: number) => {
        for (let i = 0; i < count; i++) await session.run({ g }, { next });
        return settledMemory();
      };
      await runs(250);
      const before = await runs(250);
      // A run that kept its tensors, or a copy of one, would add 500 x 80 kB = 40 MB.
      expect((await runs(500)) - before).toBeLessThan(15e6);
    });
  });

  if (offThread) {
    it("leaves the event loop free during a run", async () => {
      const { session, y } = await openLong();
      let ended = false;
      const run = session.run({}, { y }).then(() => {
        ended = true;
      });
      let turns = 0;
      while (!ended) {
        await nextTurn();
        turns++;
      }
      await run;
      expect(turns).toBeGreaterThan(10);
    });
  }
}
