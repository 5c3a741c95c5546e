/** Makes small zip archives for tests, faulty ones too. */
import { crc32, deflateRawSync } from "node:zlib";

/** An entry; fields beside name and content replace what would be right. */
export interface EntryToZip {
  name: string;
  content: string | Buffer;
  stored?: boolean;
  method?: number;
  flags?: number;
  crc?: number;
  size?: number;
  packedSize?: number;
  offset?: number;
  /** Bytes of an extra field in the local header only. */
  localExtra?: number;
}

export function zip(entries: readonly EntryToZip[], comment = ""): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content);
    const packed = entry.stored ? content : deflateRawSync(content);
    const name = Buffer.from(entry.name);
    const fields = Buffer.alloc(26); // what both headers share, from "version needed" to "extra length"
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(entry.flags ?? 0x800, 2);
    fields.writeUInt16LE(entry.method ?? (entry.stored ? 0 : 8), 4);
    fields.writeUInt32LE(entry.crc ?? crc32(content), 10);
    fields.writeUInt32LE(entry.packedSize ?? packed.length, 14);
    fields.writeUInt32LE(entry.size ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.from(fields);
    local.writeUInt16LE(entry.localExtra ?? 0, 24);
    const header = [
      Buffer.from("PK\x03\x04", "latin1"),
      local,
      name,
      Buffer.alloc(entry.localExtra ?? 0),
      packed,
    ];
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(entry.offset ?? at, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, rest, name);
    parts.push(...header);
    at += Buffer.concat(header).length;
  }
  const size = Buffer.concat(directory).length;
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(Buffer.byteLength(comment, "latin1"), 20);
  return Buffer.concat([...parts, ...directory, end, Buffer.from(comment, "latin1")]);
}
