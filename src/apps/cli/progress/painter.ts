/** Colours, where there is a terminal that wants them (https://no-color.org). */
import { styleText } from "node:util";
import type { Host } from "../host.ts";

export type Painter = (colour: "green" | "yellow" | "red" | "cyan" | "dim", text: string) => string;

export function createPainter({ isTTY, env }: Pick<Host, "isTTY" | "env">): Painter {
  const colours = isTTY && !env.NO_COLOR && env.TERM !== "dumb";
  // The stream's own check is off: it asks stdout, and these texts go to stderr.
  return (colour, text) => (colours ? styleText(colour, text, { validateStream: false }) : text);
}
