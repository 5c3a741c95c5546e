/** Opens a file with what the user's desktop has for it, where there is a desktop. */
import { spawn } from "node:child_process";

export interface Desktop {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
}

/** The program and its arguments that open `path`; undefined where nobody would see it. */
export function openerOf(
  path: string,
  { platform, env }: Desktop,
): [program: string, ...args: string[]] | undefined {
  // Over SSH the desktop is that of another machine; without a display there is none.
  if (env.CI !== undefined) return undefined;
  const display = env.DISPLAY || env.WAYLAND_DISPLAY;
  if (platform === "darwin") return env.SSH_CONNECTION === undefined ? ["open", path] : undefined;
  if (platform === "win32")
    return env.SSH_CONNECTION === undefined ? ["cmd", "/c", "start", "", path] : undefined;
  return display ? ["xdg-open", path] : undefined;
}

/** Whether a program took the file; it is not waited for. */
export function openFile(path: string, desktop: Desktop): Promise<boolean> {
  const opener = openerOf(path, desktop);
  if (opener === undefined) return Promise.resolve(false);
  const [program, ...args] = opener;
  return new Promise((resolve) => {
    const child = spawn(program, args, { detached: true, stdio: "ignore" });
    child.once("error", () => resolve(false)); // such as no xdg-open: the path is printed all the same
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
