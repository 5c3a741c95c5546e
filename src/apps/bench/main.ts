/** The process of `npm run bench`. */
import { exit } from "../script.ts";
import { bench } from "./bench.ts";

await exit(await bench(process.argv.slice(2), process));
