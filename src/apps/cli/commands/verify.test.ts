/** `bertwright verify`: what it asks the library, what it says, and how it ends. */
import { expect, it } from "vitest";
import { fakeHost, run } from "../../../../test/cli/fake-host.ts";

it("says that all bits are the same", async () => {
  const host = fakeHost();
  expect(await run(["verify", "models/mine", "--steps", "8"], host)).toMatchObject({
    status: 0,
    stdout:
      "6 steps straight, and stopped after step 3 and resumed: 20 tensors of weights and moments, all bits the same.\n",
  });
  expect(host.calls.verifyRun[0]).toMatchObject({ run: "models/mine", steps: 8 });
});

it("says in what this machine differs, as JSON where that is asked for", async () => {
  const drift = [{ name: "threads", before: 1, now: 2 }];
  const result = { steps: 6, stoppedAfter: 3, tensors: 20, differing: [], drift };
  const host = () => fakeHost({ verifyRun: async () => result });
  expect((await run(["verify", "m"], host())).stdout).toContain("\nNot as when the run was made: threads.\n");
  const { stdout } = await run(["verify", "m", "--json"], host());
  expect(JSON.parse(stdout)).toEqual({ steps: 6, stopped_after: 3, tensors: 20, differing: [], drift });
});

it("fails where bits differ", async () => {
  const differing = ["classifier.weight", "classifier.bias"];
  const result = { steps: 6, stoppedAfter: 3, tensors: 20, differing, drift: [] };
  const { status, stdout, stderr } = await run(["verify", "m"], fakeHost({ verifyRun: async () => result }));
  expect(status).toBe(1);
  expect(stdout).toContain("2 with other bits");
  expect(stderr).toContain(
    "m: a run that is stopped and resumed here has other bits, in classifier.weight first.",
  );
});

it("needs a folder", async () => {
  expect(await run(["verify"], fakeHost())).toMatchObject({ status: 2, stdout: "" });
});
