import { describe, expect, it } from "vitest";
import { encodeSafetensorsHeader, parseSafetensorsHeader } from "./safetensors.ts";

const F32_PAIR = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';

/** A file: length, header text as it is, zeros as data. */
function file(header: string, dataBytes = 8): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function parse(bytes: Uint8Array) {
  return parseSafetensorsHeader(bytes, bytes.length, "m.safetensors");
}

function tensor(fields: string): string {
  return `{"a":{${fields}}}`;
}

describe("parseSafetensorsHeader", () => {
  it("reads names, types, shapes, offsets and metadata", () => {
    const header =
      '{"__metadata__":{"format":"pt"},"w.é":{"dtype":"BF16","shape":[2,3],"data_offsets":[8,20]},' +
      '"ids":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}   ';
    const { tensors, metadata, dataStart } = parse(file(header, 20));
    expect(metadata).toEqual({ format: "pt" });
    expect(tensors.get("w.é")).toEqual({ dtype: "BF16", shape: [2, 3], begin: 8, end: 20 });
    expect(tensors.get("ids")).toEqual({ dtype: "I64", shape: [], begin: 0, end: 8 });
    expect(dataStart).toBe(8 + new TextEncoder().encode(header).length);
  });

  it("needs only the header's bytes, not the data", () => {
    const bytes = file(F32_PAIR);
    const start = bytes.subarray(0, bytes.length - 8);
    expect(parseSafetensorsHeader(start, bytes.length, "m").tensors.get("a")?.end).toBe(8);
  });

  // What the reference reader accepts, each checked with it.
  it.each([
    ["no tensor", "{}", 0],
    ["metadata null", '{"__metadata__":null,"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8],
    [
      "an unknown field",
      tensor('"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":{"y":[1,-2.5e3,null]}'),
      8,
    ],
    ["blanks around", ` \t\n${F32_PAIR}\r\n `, 8],
    [
      "an empty tensor between others",
      '{"a":{"dtype":"F32","shape":[0,5],"data_offsets":[8,8]},"b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"c":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}',
      9,
    ],
    [
      "types of 4 and 6 bits",
      '{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]},"b":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[1,4]}}',
      4,
    ],
    ["a name with an escape", '{"\\ud83d\\ude00\\n":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8],
    ["an empty name", '{"":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8],
  ])("accepts %s", (_, header, dataBytes) => {
    expect(() => parse(file(header, dataBytes))).not.toThrow();
  });

  // What the reference reader refuses.
  it.each([
    ["an array", "[]", 0, /"\[" where "\{" is due/],
    [
      "a gap before the first tensor",
      tensor('"dtype":"F32","shape":[1],"data_offsets":[4,8]'),
      8,
      /leaves a gap/,
    ],
    [
      "an overlap",
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      8,
      /"b" overlaps/,
    ],
    ["bytes after the last tensor", F32_PAIR, 9, /accounts for 70 bytes, the file has 71/],
    [
      "a shape of more bytes",
      tensor('"dtype":"F32","shape":[3],"data_offsets":[0,8]'),
      8,
      /F32 of shape \[3\] does not fill its 8 bytes/,
    ],
    [
      "offsets the wrong way round",
      tensor('"dtype":"F32","shape":[2],"data_offsets":[8,0]'),
      8,
      /does not fill its -8 bytes/,
    ],
    [
      "a type that does not exist",
      tensor('"dtype":"F33","shape":[2],"data_offsets":[0,8]'),
      8,
      /unknown type "F33"/,
    ],
    [
      "a type named as a method",
      tensor('"dtype":"toString","shape":[2],"data_offsets":[0,8]'),
      8,
      /unknown type/,
    ],
    ["no shape", tensor('"dtype":"F32","data_offsets":[0,8]'), 8, /lacks dtype, shape/],
    ["three offsets", tensor('"dtype":"F32","shape":[2],"data_offsets":[0,8,8]'), 8, /two data_offsets/],
    ["a fraction", tensor('"dtype":"F32","shape":[2.0],"data_offsets":[0,8]'), 8, /whole number/],
    ["a negative number", tensor('"dtype":"F32","shape":[-2],"data_offsets":[0,8]'), 8, /whole number/],
    [
      "a product over 2^53",
      tensor('"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,8]'),
      8,
      /does not fill/,
    ],
    ["metadata that are no text", '{"__metadata__":{"a":1}}', 0, /where a text in quotes is due/],
    [
      "a field twice",
      tensor('"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]'),
      8,
      /"dtype" comes twice/,
    ],
    ["half a surrogate pair", '{"\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8, /escape/],
    [
      "a control character",
      '{"a\u0001":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
      8,
      /control character/,
    ],
    ["text after the end", `${F32_PAIR}x`, 8, /more text after/],
    ["zero bytes as padding", `${F32_PAIR}\0\0`, 8, /more text after/],
    ["a byte order mark", `\ufeff${F32_PAIR}`, 8, /where "\{" is due/],
    ["a header that just ends", '{"a":{"dtype":"F32","shape":[2]', 8, /the end where "," or "\}" is due/],
    ["a text that just ends", '{"a', 8, /not closed/],
    [
      "a word",
      tensor('"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":nul'),
      8,
      /"nul" where a value is due/,
    ],
    ["nesting without end", tensor(`"x":${"[".repeat(60_000)}`), 8, /too deep/],
  ])("refuses %s", (_, header, dataBytes, message) => {
    expect(() => parse(file(header, dataBytes))).toThrow(message);
    expect(() => parse(file(header, dataBytes))).toThrow(expect.objectContaining({ name: "InputError" }));
  });

  // Where we refuse more than the reference reader, which takes the last of two keys.
  it.each([
    [
      "a tensor twice",
      F32_PAIR.replace("}}", '},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'),
      8,
      /"a" comes twice/,
    ],
    [
      "a number above 2^53",
      tensor('"dtype":"F32","shape":[9007199254740992,0],"data_offsets":[0,0]'),
      0,
      /below 2\^53/,
    ],
    [
      "a name over the limit",
      `{"${"n".repeat(1001)}":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`,
      8,
      /longer than 1000/,
    ],
  ])("refuses %s", (_, header, dataBytes, message) => {
    expect(() => parse(file(header, dataBytes))).toThrow(message);
  });

  it("stops at the limit of tensors", () => {
    const entries = Array.from(
      { length: 100_000 },
      (_, i) => `"t${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`,
    );
    expect(() => parse(file(`{${entries.join(",")}}`, 0))).toThrow(/more than 20000 tensors/);
  });

  it("says how much of a cut-off file is there", () => {
    const bytes = file(F32_PAIR);
    expect(() => parse(bytes.subarray(0, bytes.length - 3))).toThrow(
      "m.safetensors: cut off: the header promises 70 bytes, the file has 67.\nDownload it again.",
    );
    expect(() => parse(bytes.subarray(0, 20))).toThrow(
      /cut off: the header promises 62 bytes, the file has 20/,
    );
    expect(() => parse(bytes.subarray(0, 7))).toThrow(/cut off/);
    expect(() => parse(new Uint8Array())).toThrow(/cut off/);
  });

  it("refuses a header over the limit before it looks for the bytes", () => {
    const bytes = file(F32_PAIR);
    new DataView(bytes.buffer).setBigUint64(0, 100_000_001n, true);
    expect(() => parse(bytes)).toThrow(/would have 100000001 bytes, the limit is 100000000/);
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 64n - 1n, true);
    expect(() => parse(bytes)).toThrow(/the limit is/);
  });

  it("refuses a header that is not UTF-8", () => {
    const bytes = file(F32_PAIR);
    bytes[10] = 0xff;
    expect(() => parse(bytes)).toThrow(/its header is not text/);
  });
});

describe("encodeSafetensorsHeader", () => {
  it("aligns the data and keeps the order, whatever the names", () => {
    const named = [
      { name: "10", shape: [2, 2] },
      { name: "2", shape: [] },
      { name: '"\n', shape: [0] },
    ];
    const header = encodeSafetensorsHeader(named, { format: "pt", note: "a\nb" });
    expect(header.length % 8).toBe(0);
    const { tensors, metadata, dataStart } = parseSafetensorsHeader(header, header.length + 20, "m");
    expect(dataStart).toBe(header.length);
    expect([...tensors.keys()]).toEqual(["10", "2", '"\n']);
    expect(tensors.get("2")).toEqual({ dtype: "F32", shape: [], begin: 16, end: 20 });
    expect(metadata).toEqual({ format: "pt", note: "a\nb" });
  });
});
