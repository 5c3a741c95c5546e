import { expect, it } from "vitest";
import { bf16IsDoubtful, processorHasBf16 } from "./processor.ts";

const X64 = (flags: string) => `processor\t: 0\nflags\t\t: fpu vme ${flags} sse\nbugs\t\t: avx512_bf16\n`;
const ARM = (flags: string) => `processor\t: 0\nFeatures\t: fp asimd ${flags}\nCPU part\t: 0xd40\n`;

it.each<[string, string, boolean | undefined]>([
  ["vectors on x64", X64("avx512f avx512_bf16"), true],
  ["tiles on x64", X64("amx_bf16 amx_tile"), true],
  ["Arm", ARM("i8mm bf16"), true],
  ["x64 without", X64("avx2 avx512f avx512_vnni avx512_fp16"), false],
  ["Arm without, but with a flag of a longer name", ARM("sve svebf16x"), false],
  ["a text without flags", "processor: 0\nmodel name : bf16\n", undefined],
  ["a system without the file", "", undefined],
])("tells bf16 products of %s", (_, text, expected) => {
  expect(processorHasBf16(text)).toBe(expected);
});

it.each<[string, string, boolean]>([
  ["Intel's vectors alone", `vendor_id\t: GenuineIntel\n${X64("avx512f avx512_bf16")}`, true],
  ["Intel's tiles", `vendor_id\t: GenuineIntel\n${X64("avx512_bf16 amx_bf16")}`, false],
  ["AMD's vectors", `vendor_id\t: AuthenticAMD\n${X64("avx512_bf16")}`, false],
  ["Arm", ARM("bf16"), false],
  ["a system without the file", "", false],
])("tells whether bf16 may be slow with %s", (_, text, expected) => {
  expect(bf16IsDoubtful(text)).toBe(expected);
});
