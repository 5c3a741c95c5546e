/** The lines that a job runs, whatever characters its paths have. */
import { expect, it } from "vitest";
import { type DataSetJobOptions, dataSetJob, JOB_NAMES, ownJob } from "./jobs.ts";

const OPTIONS: DataSetJobOptions = {
  data: "/my data",
  model: "/m",
  runtime: "openvino",
  precision: "float32",
  peerPrecision: "bf16",
  peerSampling: "group_by_length",
};

it.each(JOB_NAMES)("%s: the same data, model and place for both sides", (name) => {
  const { ours, peer } = dataSetJob(name, { ...OPTIONS, peer: "my python" });
  expect(ours).toMatch(
    /bertwright\.js train --model \/m .*--train '\/my data\/.*--runtime openvino --precision float32 --output \{output\} --json/,
  );
  expect(peer).toMatch(
    new RegExp(
      `^'my python' \\S*/bench/peer_job\\.py ${name} --data '/my data' --model /m --output \\{output\\} --precision bf16 --sampling group_by_length$`,
    ),
  );
});

it("a line of the user's in place of the script", () => {
  const { peer } = dataSetJob("cola", {
    ...OPTIONS,
    peer: "p",
    peerCommand: "run {task} {data}/x {model} {output} {other}",
  });
  expect(peer).toBe("run cola '/my data'/x /m {output} {other}");
});

it("the name tells a precision that is not float32", () => {
  expect(dataSetJob("cola", OPTIONS).name).toBe("job-cola");
  expect(dataSetJob("cola", { ...OPTIONS, precision: "bf16" }).name).toBe("job-cola-bf16");
});

it("no peer where none is given", () => {
  expect(dataSetJob("cola", OPTIONS).peer).toBeUndefined();
  expect(ownJob("train", undefined).peer).toBeUndefined();
});
