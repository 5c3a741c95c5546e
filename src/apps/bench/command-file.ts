/** Where the command that users run lies: the same distance from here in `src` and in `dist`. */
import { fileURLToPath } from "node:url";

export const COMMAND = fileURLToPath(new URL("../../../bin/bertwright.js", import.meta.url));
