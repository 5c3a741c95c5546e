/** When the process ends after Ctrl-C: by itself, by the clock, or by a second one; and that a save is left alone. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Interruption, type Interrupts, listenForInterrupts } from "./interrupts.ts";

const NAMES = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Name = (typeof NAMES)[number];

let interrupts: Interrupts;
/** Calls the listener of ours alone: the test's own process has others. */
let send: (name: Name) => void;
let remove: () => void;
const exit = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(process, "exit").mockImplementation((code) => exit(code) as never);
  const before = NAMES.map((name) => process.listeners(name));
  interrupts = listenForInterrupts();
  const ours = NAMES.map((name, i) => process.listeners(name).find((one) => !before[i].includes(one))!);
  send = (name) => ours[NAMES.indexOf(name)](name);
  remove = () => NAMES.forEach((name, i) => void process.off(name, ours[i]));
});
afterEach(() => {
  remove();
  exit.mockReset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s aborts the work, and within a second the process", (name, status) => {
  send(name);
  expect(interrupts.signal.reason).toBeInstanceOf(Interruption);
  expect(interrupts.signal.reason.status).toBe(status);
  vi.advanceTimersByTime(500);
  expect(exit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(500);
  expect(exit).toHaveBeenCalledWith(status);
});

it("a save is not cut off, be it under way or begun by the stop", () => {
  interrupts.hold(true);
  send("SIGINT");
  vi.advanceTimersByTime(60_000);
  interrupts.hold(false);
  vi.advanceTimersByTime(500);
  interrupts.hold(true);
  vi.advanceTimersByTime(60_000);
  expect(exit).not.toHaveBeenCalled();
  interrupts.hold(false);
  vi.advanceTimersByTime(1000);
  expect(exit).toHaveBeenCalledWith(130);
});

it("a second signal ends the process at once, a save or not; its echo does not", () => {
  interrupts.hold(true);
  send("SIGINT");
  vi.advanceTimersByTime(100);
  send("SIGINT");
  expect(exit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  send("SIGTERM");
  expect(exit).toHaveBeenCalledWith(143);
});

it("nothing ends without a signal", () => {
  interrupts.hold(true);
  interrupts.hold(false);
  vi.advanceTimersByTime(60_000);
  expect(exit).not.toHaveBeenCalled();
  expect(interrupts.signal.aborted).toBe(false);
});
