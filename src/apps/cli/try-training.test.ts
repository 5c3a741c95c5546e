import { describe, expect, it } from "vitest";
import { FORECAST, fakeHost, run } from "../../../test/cli/fake-host.ts";
import type { DryRunResult } from "./library.ts";

const TRAIN = ["train", "--train", "my rows.tsv", "--validation", "d.tsv", "--output", "m"];

const lastLines = (text: string, count: number) => text.trimEnd().split("\n").slice(-count);
const withForecast = (changes: Partial<DryRunResult>) =>
  fakeHost({ dryRun: async () => ({ ...FORECAST, ...changes }) });

describe("train --dry-run", () => {
  it("says what the training would read, take and have to beat, and its command", async () => {
    const { status, stdout, stderr, calls } = await run([...TRAIN, "--dry-run"]);
    expect([status, stderr, calls.fineTune]).toEqual([0, "", []]);
    expect(calls.dryRun[0]).toMatchObject({ train: "my rows.tsv", output: "m", task: "text-classification" });
    expect(calls.dryRun[0]).not.toHaveProperty("dryRun");
    expect(stdout).toMatch(/^Training: .*8,551 rows/);
    expect(lastLines(stdout, 11).join("\n")).toBe(
      [
        "Recipe:",
        "  804 steps of 32 rows",
        "Time: 1 min 25 s to 1 min 46 s, if nothing else keeps the machine busy.",
        "  804 steps 1 min 20 s to 1 min 40 s, 3 evaluations 3.0 s to 4.0 s, reading and loading 1.5 s, saving 0.1 s to 0.9 s",
        "Memory: at most 695 MB of 25.0 GB; weights 182 MB, gradients and moments 273 MB, a batch of 32 rows of 47 tokens 90 MB, the rest 150 MB.",
        "  The largest batch was trained on: the process took 640 MB at most.",
        "Disk: 91 MB for the model, up to 728 MB for checkpoints until it ends; 5.0 GB are free.",
        "Baseline: matthews_correlation 0.0000, always the same answer; a model has to beat it.",
        "",
        "Nothing was written. To train:",
        "  bertwright train --train 'my rows.tsv' --validation d.tsv --output m",
      ].join("\n"),
    );
  });

  it("says no more than is known", async () => {
    const { stdout } = await run(
      [...TRAIN, "--dry-run"],
      withForecast({
        baseline: undefined,
        evaluations: 0,
        mayEndEarlier: true,
        disk: { model: 1e6, checkpoints: 0 },
      }),
    );
    expect(stdout).toContain(", or less where a rule ends it earlier, if nothing else");
    expect(stdout).toContain("Disk: 1 MB for the model.\n");
    const memory = { ...FORECAST.memory, measured: 900e6 };
    const large = await run([...TRAIN, "--dry-run"], withForecast({ memory }));
    expect(large.stdout).toContain("the process took 900 MB at most, more than was planned.\n");
    expect(stdout).toContain("Baseline: none without --validation");
    expect(stdout).not.toContain("evaluations");
  });

  it("prints one JSON object, with the command", async () => {
    const { stdout } = await run([...TRAIN, "--json", "--dry-run"]);
    const { command, may_end_earlier, ...result } = JSON.parse(stdout);
    expect(command).toBe("bertwright train --train 'my rows.tsv' --validation d.tsv --output m --json");
    expect(may_end_earlier).toBe(false);
    expect(result).toMatchObject({ steps: 804, seconds: FORECAST.seconds, disk: FORECAST.disk });
  });

  it("says data, recipe and memory once, and passes on the rest of the progress", async () => {
    const host = fakeHost({
      dryRun: async ({ onEvent }) => {
        onEvent?.(FORECAST.train);
        onEvent?.({ type: "recipe", lines: FORECAST.recipe });
        onEvent?.({ type: "memory", ...FORECAST.memory });
        onEvent?.({ type: "warning", message: "look" });
        return FORECAST;
      },
    });
    const { stdout, stderr } = await run([...TRAIN, "--dry-run"], host);
    expect(stderr).toBe("Warning: look\n");
    expect(stdout.match(/Recipe:/g)).toHaveLength(1);
  });

  it("needs what train needs", async () => {
    const { status, stderr } = await run(["train", "--train", "t.tsv", "--dry-run"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Error: train needs --output FOLDER/);
  });
});
