import { expect, it } from "vitest";
import { crc32c } from "./crc32c.ts";

it.each([
  ["nothing", [], 0],
  ["32 zeros", new Array(32).fill(0), 0x8a9136aa],
  ["32 times 255", new Array(32).fill(255), 0x62a8ab43],
  ["0 to 31", Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ["the digits 1 to 9", [..."123456789"].map((digit) => digit.charCodeAt(0)), 0xe3069283],
])("of %s is that of RFC 3720", (_what, bytes, expected) => {
  expect(crc32c(Uint8Array.from(bytes))).toBe(expected);
});
