/** The process of `npm run torture`. */
import { exit } from "../script.ts";
import { torture } from "./torture.ts";

await exit(await torture(process.argv.slice(2), process));
