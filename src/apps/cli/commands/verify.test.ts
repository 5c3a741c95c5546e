/** `bertwright verify`: what it asks the library, what it says, and how it ends. */
import { expect, it } from "vitest";
import { fakeHost, run } from "../../../../test/cli/fake-host.ts";

const gradients = { compared: 9, tensors: 10, differing: [] };
const exported = { tensors: 10, differing: [], rows: 4, differingRows: [] };
const GOOD = {
  ...{ steps: 6, stoppedAfter: 3, tensors: 20, differing: [], gradients, export: exported, drift: [] },
};

it("says that all bits are the same", async () => {
  const host = fakeHost();
  expect(await run(["verify", "models/mine", "--steps", "8"], host)).toMatchObject({
    status: 0,
    stdout:
      "Resume: 6 steps straight, and stopped after step 3 and resumed: 20 tensors of weights and moments, all bits the same.\n" +
      "Gradients: 9 of 10 tensors by differences of the loss, all agree; of the others it is too small to tell.\n" +
      "Saved model: 10 tensors of the checkpoint, all bits the same; 4 rows, the same answers.\n",
  });
  expect(host.calls.verifyRun[0]).toMatchObject({ run: "models/mine", steps: 8 });
});

it("says in what this machine differs, as JSON where that is asked for", async () => {
  const drift = [{ name: "threads", before: 1, now: 2 }];
  const result = { ...GOOD, drift };
  const host = () => fakeHost({ verifyRun: async () => result });
  expect((await run(["verify", "m"], host())).stdout).toContain("\nNot as when the run was made: threads.\n");
  const { stdout } = await run(["verify", "m", "--json"], host());
  expect(JSON.parse(stdout)).toEqual({
    ...{ steps: 6, stopped_after: 3, tensors: 20, differing: [], gradients, export: exported, drift },
  });
});

it.each([
  [
    "bits differ",
    { ...GOOD, differing: ["classifier.weight", "classifier.bias"] },
    "2 with other bits",
    "m: a run that is stopped and resumed has other bits, in classifier.weight first.",
  ],
  [
    "a gradient is wrong",
    { ...GOOD, gradients: { ...gradients, differing: [{ name: "classifier.bias", found: 1, expected: 2 }] } },
    "1 do not agree",
    "m: the gradient of classifier.bias is not what the loss does.",
  ],
  [
    "the saved model has other bits",
    { ...GOOD, export: { ...exported, differing: ["classifier.bias"] } },
    "1 with other bits; 4 rows, the same answers",
    "m: the saved model has other bits, in classifier.bias first.",
  ],
  [
    "the saved model answers otherwise",
    { ...GOOD, export: { ...exported, differingRows: [2, 3] } },
    "all bits the same; 4 rows, 2 with other answers",
    "m: the saved model says something else of training row 3.",
  ],
])("fails where %s", async (_what, result, said, error) => {
  const { status, stdout, stderr } = await run(["verify", "m"], fakeHost({ verifyRun: async () => result }));
  expect(status).toBe(1);
  expect(stdout).toContain(said);
  expect(stderr).toContain(error);
});

it("needs a folder", async () => {
  expect(await run(["verify"], fakeHost())).toMatchObject({ status: 2, stdout: "" });
});
