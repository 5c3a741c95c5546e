/** The process of `npm run bench`. */
import { runAsProcess } from "../script.ts";
import { bench } from "./bench.ts";

await runAsProcess(bench);
