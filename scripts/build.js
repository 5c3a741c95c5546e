/**
 * Builds `dist`: always as `npm run build`, for the command where it is missing or older than a source. The build goes
 * into a folder of its own that takes the place of `dist` when it is whole: a failed build is not met by the next
 * command, nor half of one by a command beside, and nothing of an earlier build stays.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** `root` is the checkout's URL. Ends the process with status 1 where the build fails. */
export async function buildIfStale(root) {
  const folder = fileURLToPath(root);
  if (!isStale(folder)) return;
  console.error("Building Bertwright (once after a change of its sources) ...");
  await rebuild(folder);
}

async function rebuild(folder) {
  removeAbandoned(folder);
  const fresh = join(folder, `dist.${process.pid}`);
  const cleanUp = () => rmSync(fresh, { recursive: true, force: true });
  const interrupt = () => process.exit(130);
  process.on("exit", cleanUp).on("SIGINT", interrupt).on("SIGTERM", interrupt);
  await build(folder, fresh);
  takePlace(fresh, join(folder, "dist"));
  cleanUp();
  process.off("exit", cleanUp).off("SIGINT", interrupt).off("SIGTERM", interrupt);
}

async function build(folder, output) {
  const kernels = join(folder, "src/engine/kernels");
  if (newest(join(kernels, "assembly")) > newest(join(kernels, "generated"))) {
    await run(folder, ["scripts/build-kernels.js"]);
  }
  await run(folder, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", output]);
  await run(folder, ["scripts/bundle.js", output]);
}

/** Removes what killed builds left behind; a folder's number is that of the process that builds it. */
function removeAbandoned(folder) {
  for (const name of readdirSync(folder)) {
    const pid = /^dist\.(\d+)(\.old)?$/.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

function isStale(folder) {
  const built = newest(join(folder, "dist/bundle/cli.js"));
  return ["src", "scripts/bundle.js", "tsconfig.build.json"].some(
    (path) => newest(join(folder, path)) > built,
  );
}

/** When the newest file under `path` was changed, in milliseconds; 0 where there is none. Tests are not built. */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return /\.(test|contract)\.ts$/.test(path) ? 0 : stats.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Runs a script of Node's; what it says goes to stderr, since stdout is for results. */
async function run(folder, args) {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", 2, 2] });
  const [status] = await once(child, "close");
  if (status === 0) return;
  console.error("Error: the build failed. Run npm ci, then npm run build.");
  process.exit(1);
}

function takePlace(fresh, dist) {
  const old = `${fresh}.old`;
  if (existsSync(dist)) renameSync(dist, old);
  try {
    renameSync(fresh, dist);
  } catch (error) {
    // A command beside this one has just put its own, equal build there.
    if (!existsSync(dist)) throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

if (import.meta.filename === process.argv[1]) await rebuild(fileURLToPath(new URL("../", import.meta.url)));
