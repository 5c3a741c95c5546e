/**
 * TensorBoard's event file of a run: TFRecords (length, masked CRC-32C of it, bytes, masked CRC-32C of them) of
 * `tensorflow.Event` messages with scalars, named as transformers' TensorBoardCallback names them.
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { AppendedFile } from "../../files/appended-file.ts";
import { crc32c } from "../../util/crc32c.ts";
import { type LogLine, metricsOf } from "./log-line.ts";

/** Numbers of fields in tensorflow's event.proto and summary.proto. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_LOG = { status: 1, start: 1 } as const;

export class TensorBoardLog {
  readonly #file: AppendedFile;
  readonly #now: () => number;

  /**
   * Begins a file in `folder`. `resumedFrom`: earlier files have events after this step, which TensorBoard is told to forget. `now`: seconds since
   * 1970, default the clock's.
   */
  constructor(
    folder: string,
    { resumedFrom, now = () => Date.now() / 1000 }: { resumedFrom?: number; now?: () => number } = {},
  ) {
    // TensorBoard reads files in the order of their names, and takes those with this word in it.
    const name = `events.out.tfevents.${Math.floor(1000 * now())}.bertwright`;
    this.#file = new AppendedFile(`${folder}/${name}`, { fresh: true });
    this.#now = now;
    this.#append((event) => event.tag(EVENT.fileVersion, WireType.LengthDelimited).string("brain.Event:2"));
    if (resumedFrom === undefined) return;
    const log = new BinaryWriter().tag(SESSION_LOG.status, WireType.Varint).int32(SESSION_LOG.start).finish();
    this.#append((event) =>
      stepped(event, resumedFrom + 1)
        .tag(EVENT.sessionLog, WireType.LengthDelimited)
        .bytes(log),
    );
  }

  add(line: LogLine): void {
    const summary = new BinaryWriter();
    for (const [tag, value] of scalarsOf(line)) {
      summary.tag(SUMMARY.value, WireType.LengthDelimited).bytes(scalarOf(tag, value));
    }
    this.#append((event) =>
      stepped(event, line.step).tag(EVENT.summary, WireType.LengthDelimited).bytes(summary.finish()),
    );
  }

  close(): void {
    this.#file.close();
  }

  /** Appends an event that `fill` completes. */
  #append(fill: (event: BinaryWriter) => BinaryWriter): void {
    const event = new BinaryWriter().tag(EVENT.wallTime, WireType.Bit64).double(this.#now());
    this.#file.append(recordOf(fill(event).finish()));
  }
}

function scalarsOf(line: LogLine): [tag: string, value: number][] {
  if (line.type === "evaluation") {
    return Object.entries(metricsOf(line)).map(([name, value]) => [`eval/${name}`, value]);
  }
  const { loss, grad_norm, learning_rate, epoch } = line;
  const named = { loss, grad_norm, learning_rate, epoch };
  return Object.entries(named).map(([name, value]) => [`train/${name}`, value]);
}

function scalarOf(tag: string, value: number): Uint8Array {
  const message = new BinaryWriter().tag(VALUE.tag, WireType.LengthDelimited).string(tag);
  return message.tag(VALUE.simpleValue, WireType.Bit32).float(value).finish();
}

function stepped(event: BinaryWriter, step: number): BinaryWriter {
  return event.tag(EVENT.step, WireType.Varint).int64(step);
}

/** Bytes of the length and of each checksum. */
const [LENGTH, CHECKSUM] = [8, 4];

function recordOf(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(LENGTH + CHECKSUM + data.length + CHECKSUM);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(LENGTH, masked(record.subarray(0, LENGTH)), true);
  record.set(data, LENGTH + CHECKSUM);
  view.setUint32(LENGTH + CHECKSUM + data.length, masked(data), true);
  return record;
}

/** A checksum of bytes that hold checksums themselves is weak: TensorFlow turns and moves it. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
