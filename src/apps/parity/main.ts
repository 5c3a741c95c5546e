/** The process of `npm run parity`. */
import { exit } from "../script.ts";
import { parity } from "./parity.ts";

await exit(await parity(process.argv.slice(2), process));
