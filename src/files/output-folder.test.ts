import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/helpers/refusal.ts";
import { failingDisk } from "../../test/helpers/watched-disk.ts";
import { withDisk } from "./disk.ts";
import { checkOutput, prepareOutput } from "./output-folder.ts";

const FILES = ["config.json", "model.safetensors", "README.md"];
/** A process number that no system gives. */
const NO_PROCESS = 2 ** 31 - 1;

let base: string;
let folder: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "output-"));
  folder = join(base, "out");
});
afterEach(() => rm(base, { recursive: true }));

async function fill(...names: string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of names) await writeFile(join(folder, name), name);
}

describe("checkOutput", () => {
  it("accepts a folder that is missing, empty or all hidden, and changes nothing", async () => {
    await checkOutput(join(folder, "a", "b"), { overwrite: false, files: FILES });
    expect(await readdir(base)).toEqual([]);
    await fill();
    await checkOutput(folder, { overwrite: false, files: FILES });
    await fill(".gitkeep");
    await checkOutput(folder, { overwrite: false, files: FILES });
    expect(await readdir(folder)).toEqual([".gitkeep"]);
  });

  it("asks for --overwrite where something is in the folder", async () => {
    await fill("notes.txt");
    const error: Error = await checkOutput(folder, { overwrite: false, files: FILES }).catch((e) => e);
    expect(error.name).toBe("InputError");
    expect(error.message).toMatch(/--output .*out: the folder is not empty \(notes\.txt\)\.\n.*--overwrite/);
  });

  it("replaces a model, and what is not ours stays out of it", async () => {
    await fill("config.json", "README.md", "notes.txt");
    await checkOutput(folder, { overwrite: true, files: FILES });
  });

  it("does not replace a stranger's files of the same name", async () => {
    await fill("README.md", "package.json");
    await expect(checkOutput(folder, { overwrite: true, files: FILES })).rejects.toThrow(
      /would replace README\.md, and no model is there/,
    );
  });

  it("knows by other marks what is not a model and may be replaced", async () => {
    const answers = {
      files: ["predictions.json", "README.md"],
      marks: ["predictions.json"],
      what: "prediction file",
    };
    await fill("predictions.json", "README.md");
    await checkOutput(folder, { ...answers, overwrite: true });
    await expect(checkOutput(folder, { ...answers, overwrite: false })).rejects.toThrow(
      "replace the prediction file there",
    );
    await rm(folder, { recursive: true });
    await fill("README.md", "config.json");
    await expect(checkOutput(folder, { ...answers, overwrite: true })).rejects.toThrow(
      "would replace README.md, and no prediction file is there",
    );
  });

  it("refuses a file, and a path through one", async () => {
    await writeFile(folder, "");
    await expect(checkOutput(folder, { overwrite: true, files: FILES })).rejects.toThrow(/this is a file/);
    await expect(checkOutput(join(folder, "x"), { overwrite: true, files: FILES })).rejects.toThrow(/file/);
  });

  it("compares what is needed with what the disk has", async () => {
    const options = { overwrite: false, files: FILES, bytes: 1e18 };
    await expect(checkOutput(join(folder, "new"), options)).rejects.toThrow(
      /the disk is full: 1000000\.0 TB needed, .* free/,
    );
    expect(await readdir(base)).toEqual([]);
  });
});

describe("prepareOutput", () => {
  it("makes the folder and clears what a killed run left of our files, nothing else", async () => {
    await prepareOutput(join(folder, "deep"), { overwrite: false, files: FILES });
    expect(await readdir(folder)).toEqual(["deep"]);
    const left = `.model.safetensors.${NO_PROCESS}-0123456789ab.tmp`;
    const others = [
      `.other.${NO_PROCESS}-0123456789ab.tmp`,
      ".model.safetensors.swp",
      `.model.safetensors.${process.ppid}-0123456789ab.tmp`,
    ];
    await rm(folder, { recursive: true });
    await fill("model.safetensors", left, ...others);
    await prepareOutput(folder, { overwrite: true, files: FILES });
    expect((await readdir(folder)).sort()).toEqual(["model.safetensors", ...others].sort());
  });

  it("leaves a folder alone that it refuses", async () => {
    await fill("config.json");
    await expect(prepareOutput(folder, { overwrite: false, files: FILES })).rejects.toThrow(/not empty/);
    expect(await readdir(folder)).toEqual(["config.json"]);
  });
});

it("a disk that fails in any call is told, in words for a person", async () => {
  await fill("config.json", `.config.json.${NO_PROCESS}-0123456789ab.tmp`);
  const prepare = () => prepareOutput(folder, { overwrite: true, files: FILES });
  for (const number of [1, 2])
    expect(await refusal(withDisk(failingDisk(number, "EIO"), prepare))).toContain(
      "the disk reported an error",
    );
});
