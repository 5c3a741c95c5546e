/** The process of `npm run torture`. */
import { runAsProcess } from "../script.ts";
import { torture } from "./torture.ts";

await runAsProcess(torture);
