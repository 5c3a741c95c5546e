/** The peer's process, and programs that are measured whole. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { Peer, type PeerRequest } from "./peer.ts";
import { runProgram, shellProgram } from "./process.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

const REQUEST: PeerRequest = {
  ...{ model: "minilm", attn: "sdpa", compile: false, precision: "float32", threads: 1 },
  batches: [
    [8, 8],
    [8, 4],
    [5, 5],
  ],
};

/** Answers each request, or ends at the one whose first row has 13 tokens. */
const PEER = `
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { batches, ...request } = JSON.parse(line);
  if (batches[0][0] === 13) { console.error("Traceback\\nMemoryError: none left"); process.exit(1); }
  const error = batches[0][0] === 99 ? "ValueError: too many" : undefined;
  console.log(JSON.stringify(error ? { error } : { ms: batches.map((rows) => rows.length), torch: JSON.stringify(request) }));
}
`;

describe("Peer", () => {
  let peer: Peer | undefined;
  afterEach(() => peer?.close());

  function start(python = process.execPath): Peer {
    const script = join(folder, "peer.mjs");
    writeFileSync(script, PEER);
    peer = new Peer(python, script);
    return peer;
  }

  it("answers one request after the other", async () => {
    const one = start();
    const { ms, torch } = await one.measure(REQUEST);
    expect(ms).toEqual([2, 2, 2]);
    const { batches, ...others } = REQUEST;
    expect(JSON.parse(torch)).toEqual(others);
    expect((await one.measure({ ...REQUEST, batches: [[1, 2, 3]] })).ms).toEqual([3]);
  });

  it("hands on what the peer says is wrong, and works on", async () => {
    const one = start();
    await expect(one.measure({ ...REQUEST, batches: [[99]] })).rejects.toThrow("ValueError: too many");
    expect((await one.measure(REQUEST)).ms).toHaveLength(3);
  });

  it("tells the last words of a peer that ends", async () => {
    await expect(start().measure({ ...REQUEST, batches: [[13]] })).rejects.toThrow(
      /MemoryError: none left\nGive/,
    );
  });

  it("names a Python that is not there", async () => {
    await expect(start(join(folder, "python9")).measure(REQUEST)).rejects.toThrow(
      /--peer .*python9: .*ENOENT/,
    );
  });
});

describe("runProgram", () => {
  it("collects streams, status and error lines with their time", async () => {
    const lines: [string, number][] = [];
    const { seconds, peakMemoryMb, ...told } = await runProgram(
      shellProgram("echo out; echo first >&2; echo second >&2; exit 3"),
      { onErrorLine: (line, time) => lines.push([line, time]), limitSeconds: 60 },
    );
    expect(told).toEqual({ status: 3, stdout: "out\n", stderr: "first\nsecond\n", timedOut: false });
    expect(lines.map(([line]) => line)).toEqual(["first", "second"]);
    expect(lines[1][1]).toBeGreaterThanOrEqual(lines[0][1]);
    expect(seconds).toBeGreaterThan(0);
  });

  it("rejects where the program is not there", async () => {
    await expect(runProgram({ file: join(folder, "nothing"), args: [] })).rejects.toThrow("ENOENT");
  });

  it.runIf(process.platform === "linux")("stops at its limit, with what a shell has started", async () => {
    const { status, timedOut, stdout } = await runProgram(shellProgram("sleep 600 & echo $!; wait"), {
      limitSeconds: 0.5,
    });
    expect({ status, timedOut }).toEqual({ status: null, timedOut: true });
    const sleeper = Number(stdout);
    expect(sleeper).toBeGreaterThan(0);
    // Signal 0 asks whether it is there. It may take its time to go.
    await vi.waitFor(() => expect(() => process.kill(sleeper, 0)).toThrow("ESRCH"), 10_000);
  });

  it("has no limit that a timer cannot count", async () => {
    const { status, timedOut } = await runProgram(shellProgram("sleep 0.1"), { limitSeconds: 1e9 });
    expect({ status, timedOut }).toEqual({ status: 0, timedOut: false });
  });

  it.runIf(process.platform === "linux")("finds the peak memory of a child's child", async () => {
    const script = join(folder, "large.mjs");
    writeFileSync(script, "const a = Buffer.alloc(3e8, 1); setTimeout(() => a, 500);");
    const { peakMemoryMb } = await runProgram(shellProgram(`${process.execPath} ${script}; true`));
    expect(peakMemoryMb).toBeGreaterThan(300);
    expect(peakMemoryMb).toBeLessThan(900);
  });
});
