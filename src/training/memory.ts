/** The refusal of a model that the machine has too little memory for. */
import { formatBytes } from "../files/io-errors.ts";
import { memoryLimit } from "../files/machine.ts";
import { InputError } from "../util/errors.ts";

/** Throws `InputError` where `bytes` exceed what the machine has; `advice` is what the user can change. */
export function checkMemory(bytes: number, what: string, advice: string): void {
  const limit = memoryLimit();
  if (bytes <= limit) return;
  throw new InputError(
    `${what} needs about ${formatBytes(bytes)} of memory, this machine has ${formatBytes(limit)}.\n${advice}`,
  );
}
