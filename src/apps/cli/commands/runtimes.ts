/** `bertwright runtimes`: what runs the models on this machine; `runtimes install`: one that npm does not bring. */
import { Argument, type Command } from "commander";
import { nearMiss, UsageError } from "../../../util/errors.ts";
import { type Context, withProgress } from "../context.ts";
import type { RuntimeReport } from "../library.ts";
import { nameOption } from "../option-kinds.ts";
import { addGroup, jsonOption, type ProgressMode, progressOption } from "../options.ts";
import { runtimeLines } from "../runtime-lines.ts";
import { withCommandName } from "../shell.ts";

interface InstallFlags {
  from?: string;
  progress?: ProgressMode;
}

const INSTALLABLE = ["openvino"];

export function addRuntimes(program: Command, context: Context): void {
  const command = program
    .command("runtimes")
    .helpCommand(false)
    .description("list what can run the models on this machine; install what is missing");
  addGroup(command, "Output:", [jsonOption("one JSON object on stdout: platform, bf16, runtimes")]);
  command.action((flags: { json?: boolean }) => list(flags, context));
  const install = command
    .command("install")
    .description("fetch a runtime's library with pip, check it, and keep it in the cache")
    .addArgument(new Argument("<runtime>", INSTALLABLE.join(", ")));
  addGroup(install, "Options:", [
    nameOption("--from <file>", "take the library from this wheel: for a machine without a network"),
    progressOption(),
  ]);
  install.action((name: string, flags: InstallFlags) => installRuntime(name, flags, context));
}

async function list({ json = false }: { json?: boolean }, { host, output }: Context): Promise<void> {
  const { listRuntimes } = await host.loadLibrary();
  const report = await listRuntimes();
  await output.write(
    json ? `${JSON.stringify(report)}\n` : withCommandName(describeReport(report), host.commandName),
  );
}

function describeReport({ platform, bf16, runtimes }: RuntimeReport): string {
  const products = { true: "has bf16 instructions", false: "has no bf16 instructions" };
  const processor = bf16 === undefined ? "" : `; its processor ${products[`${bf16}`]}`;
  return [`On this machine (${platform}${processor}):`, ...runtimeLines(runtimes), ""].join("\n");
}

async function installRuntime(name: string, flags: InstallFlags, context: Context): Promise<void> {
  if (!INSTALLABLE.includes(name)) throw notInstallable(name);
  const { from, progress: mode = "auto" } = flags;
  const installed = await withProgress(context, mode, async (progress) => {
    const { installOpenVino } = await context.host.loadLibrary();
    return installOpenVino({
      from,
      signal: context.host.signal,
      onProgress: (event) => progress.show({ type: "download", ...event }),
    });
  });
  const { version, folder, fresh } = installed;
  await context.output.write(`OpenVINO ${version} is ${fresh ? "installed" : "there already"}: ${folder}\n`);
}

function notInstallable(name: string): UsageError {
  const choices = INSTALLABLE.join(", ");
  if (name.startsWith("onnxruntime")) {
    return new UsageError(`${name} comes with the package; what can be installed: ${choices}.`);
  }
  const near = nearMiss(name, INSTALLABLE);
  const instead = near === undefined ? `what can be installed: ${choices}` : `did you mean ${near}?`;
  return new UsageError(`Unknown runtime "${name}"; ${instead}${near === undefined ? "." : ""}`);
}
