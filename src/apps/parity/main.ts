/** The process of `npm run parity`. */
import { runAsProcess } from "../script.ts";
import { parity } from "./parity.ts";

await runAsProcess(parity);
