/** What is wrong with a command line, in our words: commander's errors translated, and what it does not look for. */
import type { Command, CommanderError, Option } from "commander";
import { nearMiss, UsageError } from "../../util/errors.ts";
import { nameOf } from "./option-kinds.ts";

/** Throws `UsageError` where an option that needs a value stands last or before another option. */
export function checkValues(command: Command, args: readonly string[]): void {
  for (let i = 0; i < args.length && args[i] !== "--"; i++) {
    const option = findOption(command, args[i]);
    if (!option?.required) continue;
    const value = args[++i];
    if (value !== undefined && !findOption(command, value)) continue;
    const instead =
      value === undefined ? "" : `\nIf the value is really "${value}", write ${args[i - 1]}=${value}.`;
    throw new UsageError(`${args[i - 1]} needs a value: ${usageOf(option)}.${instead}`);
  }
}

/** The error to throw in place of commander's. `command` is the one that was being parsed. */
export function usageErrorOf(error: CommanderError, command: Command): UsageError {
  const given = /'(.*)'/.exec(error.message)?.[1] ?? "";
  switch (error.code) {
    case "commander.unknownOption":
      return unknownOption(given, command);
    case "commander.unknownCommand":
      return unknownCommand(given, command);
    case "commander.excessArguments": {
      const unexpected = command.args[command.registeredArguments.length];
      if (command.commands.length > 0) return unknownCommand(unexpected, command);
      return new UsageError(
        `Unexpected "${unexpected}": every value needs its option. See ${fullName(command)} --help.`,
      );
    }
    case "commander.missingArgument": {
      const [{ description }] = command.registeredArguments;
      return new UsageError(`${fullName(command)} needs a ${given}: ${description}.`);
    }
    default:
      return new UsageError(error.message.replace(/^error: /, ""));
  }
}

/** An error of the library in the words of the command: flags in place of the options that it names. */
export function withFlags(error: unknown, command: Command | undefined): unknown {
  if (!(error instanceof UsageError) || error.options.length === 0 || command === undefined) return error;
  const flags = new Map(command.options.map((option) => [option.attributeName(), nameOf(option)]));
  const message = error.options.reduce(
    (text, name) => text.replace(new RegExp(`\\b${name}\\b`), flags.get(name) ?? name),
    error.message,
  );
  return Object.assign(new UsageError(message), { stack: error.stack });
}

function unknownOption(given: string, command: Command): UsageError {
  const flag = given.split("=", 1)[0];
  const near = nearMiss(flag, command.options.flatMap(flagsOf));
  if (near !== undefined) return new UsageError(`Unknown option ${flag}; did you mean ${near}?`);
  const owner = command.parent?.commands.find((other) => findOption(other, flag));
  const reason = owner === undefined ? "" : ` for ${command.name()}; it belongs to ${owner.name()}`;
  return new UsageError(`Unknown option ${flag}${reason}. See ${fullName(command)} --help.`);
}

function unknownCommand(given: string, program: Command): UsageError {
  const names = program.commands.map((command) => command.name());
  const near = nearMiss(given, names);
  return new UsageError(
    near === undefined
      ? `Unknown command "${given}"; the commands are ${names.join(", ")}.`
      : `Unknown command "${given}"; did you mean ${near}?`,
  );
}

function findOption(command: Command, flag: string): Option | undefined {
  return command.options.find((option) => flagsOf(option).includes(flag));
}

/** The shorter name first. */
function flagsOf(option: Option): string[] {
  return [option.short, option.long].filter((flag) => flag !== undefined);
}

/** `--epochs N`. */
function usageOf(option: Option): string {
  const value = /<(.*)>/.exec(option.flags)?.[1] ?? "value";
  return `${nameOf(option)} ${value.toUpperCase()}`;
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
