/** The process that the suite `kill` kills: it runs the subject once it is told where, and may end itself in a call. */
import { openRuntime, watchedDisk, withDisk } from "../../internals.ts";
import { Subject } from "./subject.ts";

export interface Job {
  readonly model: string;
  readonly output: string;
  /** The call to the disk, counted from 0, that the process does not outlive; of a write half is made. */
  readonly call?: number;
}

/** Ends as a process does when it is killed: nothing of it runs any more. */
function dyingDisk(call: number) {
  let count = 0;
  return watchedDisk(async ({ bytes }, make) => {
    if (count++ === call) {
      if (bytes) await make(bytes.subarray(0, bytes.length / 2));
      process.kill(process.pid, "SIGKILL");
    }
    return make();
  });
}

// What takes long to load is there before the run begins.
await openRuntime({});
process.once("message", async ({ model, output, call = Number.POSITIVE_INFINITY }: Job) => {
  process.send?.("began");
  await withDisk(dyingDisk(call), () => new Subject(model).run(output));
  process.exit();
});
process.send?.("ready");
