/** `bertwright doctor`: whether training works on this machine, and what to do where it does not. */
import type { Command } from "commander";
import { formatMemory } from "../../../util/format.ts";
import type { Context } from "../context.ts";
import type { MachineReport } from "../library.ts";
import { addGroup, jsonOption } from "../options.ts";
import { STATUS } from "../report-error.ts";
import { runtimeLines } from "../runtime-lines.ts";
import { withCommandName } from "../shell.ts";

export function addDoctor(program: Command, context: Context): void {
  const command = program
    .command("doctor")
    .description(
      "say whether training works on this machine, and what to do where it does not; changes nothing",
    );
  addGroup(command, "Output:", [
    jsonOption("one JSON object on stdout: ok, problems, and all that was looked at"),
  ]);
  command.action((flags: { json?: boolean }) => examine(flags, context));
}

async function examine({ json = false }: { json?: boolean }, context: Context): Promise<void> {
  const { host, output } = context;
  const { examineMachine } = await host.loadLibrary();
  const report = await examineMachine({ signal: host.signal });
  if (!report.ok) context.status = STATUS.failed;
  const text = json ? JSON.stringify(report) : withCommandName(describeMachine(report), host.commandName);
  await output.write(`${text}\n`);
}

function describeMachine(report: MachineReport): string {
  const { node, platform, runtimes, cache, here, kernelProblem, problems } = report;
  const rows: [string, string][] = [
    ["Node", `${node}, ${platform}`],
    ["Processor", processorLine(report)],
    ["Memory", memoryLine(report)],
    ["Kernels", kernelProblem ?? "work"],
    ["Cache", placeLine(cache)],
    ["This folder", placeLine(here)],
    ["Models", modelsLine(report)],
    ["Hub", hubLine(report)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`),
    "Runtimes",
    ...runtimeLines(runtimes),
    "",
    ...problems.flatMap(({ what, advice, blocks }) => [
      `${blocks ? "Problem" : "Note"}: ${what}`,
      `  ${advice}`,
    ]),
    report.ok ? "Training works on this machine." : "Training does not work on this machine yet.",
  ].join("\n");
}

function processorLine({ processor: { name, bf16, threads } }: MachineReport): string {
  const products = bf16 === undefined ? [] : [bf16 ? "bf16 instructions" : "no bf16 instructions"];
  return [
    ...(name === undefined ? [] : [name]),
    `${threads} ${threads === 1 ? "thread" : "threads"}`,
    ...products,
  ].join(", ");
}

function memoryLine({ memory: { machine, limit } }: MachineReport): string {
  return limit < machine
    ? `${formatMemory(limit)}, a limit; the machine has ${formatMemory(machine)}`
    : formatMemory(machine);
}

function placeLine({ folder, writable, free }: MachineReport["cache"]): string {
  const room = free === undefined ? [] : [`${formatMemory(free)} free`];
  return [folder, ...room, ...(writable ? [] : ["cannot be written"])].join(", ");
}

/** The default model first: it is what a training takes where none is named. */
function modelsLine({ models, defaultModel }: MachineReport): string {
  const sources = { cache: "in the cache", hub: "from the Hub", pip: "through pip" };
  const { name, from } = defaultModel;
  const others = models.filter((model) => model.name !== name || from !== "cache");
  return [
    `${name} (the default): ${from === undefined ? "nowhere" : sources[from]}`,
    ...others.map((model) => (model.complete ? model.name : `${model.name} (incomplete)`)),
  ].join(", ");
}

function hubLine({ hub: { endpoint, mirror, token, reachable, problem } }: MachineReport): string {
  const state = reachable ? "answers" : problem;
  return `${endpoint}${mirror ? " (HF_ENDPOINT)" : ""}: ${state}; HF_TOKEN is ${token ? "set" : "not set"}`;
}
