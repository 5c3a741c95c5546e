/** The package as npm sees it: few dependencies in exact versions, nothing run at install, only what users need. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const manifest = JSON.parse(read("package.json"));

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
}
const lock: { packages: Record<string, Locked> } = JSON.parse(read("package-lock.json"));

/** Scripts that npm runs by itself when the package is installed, packed or published. */
const LIFECYCLE = /^(pre|post)|^(install|prepare|publish|dependencies)$/;

describe("package.json", () => {
  it("depends on these packages and no others", () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual([
      "@bufbuild/protobuf",
      "commander",
      "hyparquet",
      "hyparquet-compressors",
      "koffi",
      "onnx-buf",
      "onnxruntime-node",
    ]);
  });

  it("names exact versions, those of the lock file", () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      expect(lock.packages[`node_modules/${name}`].version, name).toBe(version);
    }
  });

  it("runs nothing at install", () => {
    expect(Object.keys(manifest.scripts).filter((name) => LIFECYCLE.test(name))).toEqual([]);
    expect(read(".npmrc").split("\n")).toContain("ignore-scripts=true");
  });

  it("has the scripts that the README and CONTRIBUTING name", () => {
    const named = ["README.md", "CONTRIBUTING.md"].flatMap((file) =>
      [...read(file).matchAll(/\bnpm (?:run ([\w-]+)|(test)\b)/g)].map(([, script, test]) => script ?? test),
    );
    expect(named).toEqual(expect.arrayContaining(["demo", "test", "build"]));
    expect(named.filter((script) => !(script in manifest.scripts))).toEqual([]);
  });

  it("asks for Node 20.19 or later and modules", () => {
    expect(manifest.engines).toEqual({ node: ">=20.19" });
    expect(manifest.type).toBe("module");
    expect(manifest.license).toBe("Apache-2.0");
  });

  it("points to files that the build makes", () => {
    const targets = (entry: unknown): string[] =>
      typeof entry === "string" ? [entry] : Object.values(entry as object).flatMap(targets);
    const files = [...targets(manifest.exports), ...targets(manifest.bin)];
    expect(files).toContain("./dist/bundle/node.js");
    for (const file of files) expect(existsSync(join(ROOT, file)), file).toBe(true);
  });
});

describe("package-lock.json", () => {
  const locked = Object.entries(lock.packages).filter(([path]) => path !== "");

  it("names no host: npm asks the registry that is set up", () => {
    expect(locked.length).toBeGreaterThan(10);
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    expect(read("package-lock.json")).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });

  it("has a checksum for every package", () => {
    expect(locked.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))).toEqual([]);
  });
});

describe("npm pack", () => {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json"], {
    cwd: ROOT,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const files: string[] = JSON.parse(output)[0].files.map(({ path }: { path: string }) => path);

  it("ships the command, the library with its types, README and licence", () => {
    const built = ["node.d.ts", "index.js", "index.d.ts", "bundle/node.js", "bundle/cli.js"];
    const needed = ["package.json", "bin/bertwright.js", "README.md", "LICENSE"];
    const missing = [...needed, ...built.map((file) => `dist/${file}`)].filter(
      (file) => !files.includes(file),
    );
    expect(missing).toEqual([]);
  });

  it("ships nothing else", () => {
    const odd = files.filter((file) => !/^(dist\/.*\.(js|d\.ts)|bin\/\w+\.js|[^/]+)$/.test(file));
    expect(odd).toEqual([]);
    expect(files.filter((file) => /\.(test|contract)\.|fixtures\//.test(file))).toEqual([]);
  });
});

/** Imports of a built module: relative ones and packages, `import()` with a constant as well. */
function importsOf(file: string): string[] {
  const pattern =
    /(?:^|[\s;}])(?:import|export)\s[^"'`;]*?from\s*["']([^"']+)["']|import\s*\(?\s*["']([^"']+)["']/g;
  return [...readFileSync(file, "utf8").matchAll(pattern)].map((match) => match[1] ?? match[2]);
}

/** Every module that `entry` reaches: files by path from `dist`, packages by name. */
function reach(entry: string): { files: Set<string>; packages: Set<string> } {
  const dist = join(ROOT, "dist");
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (files.has(relative(dist, file))) return;
    files.add(relative(dist, file));
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith(".")) visit(join(dirname(file), specifier));
      else packages.add(specifier);
    }
  };
  visit(join(dist, entry));
  return { files, packages };
}

describe("the files for Node that have many modules", () => {
  const folder = join(ROOT, "dist/bundle");
  const files = readdirSync(folder).filter((file) => file.endsWith(".js"));

  it("have what the modules have", async () => {
    const names = async (file: string) =>
      Object.keys(await import(pathToFileURL(join(ROOT, file)).href)).sort();
    expect(await names("dist/bundle/node.js")).toEqual(await names("dist/node.js"));
  });

  it("import each other, Node's modules and the packages that users install", () => {
    expect(files).toEqual(expect.arrayContaining(["cli.js", "node.js"]));
    const allowed = [...builtinModules, ...Object.keys(manifest.dependencies)];
    const odd = files
      .flatMap((file) => importsOf(join(folder, file)))
      .filter((name) => !name.startsWith("node:") && !files.includes(name.replace("./", "")))
      .filter((name) => !allowed.some((known) => name === known || name.startsWith(`${known}/`)));
    expect(odd).toEqual([]);
  });

  it("name nothing of the machine that joined them", () => {
    for (const file of files) {
      const regions =
        readFileSync(join(folder, file), "utf8").match(/^\/\/#region .*|^\/\/ \S+\.ts$/gm) ?? [];
      expect(
        regions.filter((line) => !/ src\//.test(line)),
        file,
      ).toEqual([]);
    }
  });
});

describe("the browser entry", () => {
  const isNative = (name: string) =>
    name.startsWith("node:") || builtinModules.includes(name) || /^(koffi|onnxruntime-node)\b/.test(name);

  it("reaches no module of Node's and nothing native", () => {
    const { files, packages } = reach("index.js");
    expect(files.size).toBeGreaterThan(20);
    expect([...packages].filter(isNative)).toEqual([]);
  });

  it("is checked by a walk that finds them in the entry for Node", () => {
    expect([...reach("node.js").packages].filter(isNative)).toEqual(
      expect.arrayContaining(["node:fs", "koffi"]),
    );
  });
});
