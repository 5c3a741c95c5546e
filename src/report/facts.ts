/** What a run was made with and what it took, in lines for people. */
import type { RunFile } from "../training/run-file.ts";
import { formatCount, formatDuration, formatPlural } from "../util/format.ts";
import type { RunLog } from "./read-log.ts";
import type { Fact } from "./report-data.ts";

export function runFacts(
  { versions, started, finished, data, model }: RunFile,
  log: Pick<RunLog, "seconds" | "tokensPerSecond">,
): Fact[] {
  const { bertwright, node, platform, processor, runtime, runtime_version, precision, threads } = versions;
  const facts = [
    { name: "started", value: started },
    { name: "took", value: finished && formatDuration((Date.parse(finished) - Date.parse(started)) / 1000) },
    { name: "training and evaluation", value: log.seconds > 0 ? formatDuration(log.seconds) : undefined },
    { name: "speed", value: log.tokensPerSecond && `${formatCount(log.tokensPerSecond)} tokens/s` },
    {
      name: "runtime",
      value: `${runtime} ${runtime_version}, ${precision}, ${formatPlural(threads, "thread")}`,
    },
    { name: "versions", value: `Bertwright ${bertwright}, Node ${node}` },
    { name: "machine", value: `${processor}, ${platform}` },
    { name: "pretrained model", value: model.name },
    ...Object.entries(data).map(([option, { name, rows, sha256 }]) => {
      const count = rows === undefined ? "" : `, ${formatPlural(rows, "row")}`;
      return { name: option, value: `${name}${count}, SHA-256 ${sha256}` };
    }),
  ];
  return facts.flatMap(({ name, value }) => (value ? [{ name, value }] : []));
}
