/** Files and rows in memory to examples, streaming: what is held is a chunk of the file, never the whole. */
import { InputError, UsageError } from "../../util/errors.ts";
import { type CellReader, createCellReader } from "./cells.ts";
import { chooseRoles } from "./columns.ts";
import type { Example, ReadOptions } from "./example.ts";
import { createFieldCheck } from "./field-count.ts";
import { notJsonObject, parseObject, valuesOf } from "./json-lines.ts";
import type { Layout } from "./layout.ts";
import { type LineBatch, readLines } from "./lines.ts";
import { isBlank, RowSplitter } from "./records.ts";
import { sniffLayout } from "./sniff.ts";
import type { ByteSource } from "./source.ts";

export type { ColumnChoice, Example, LabelNeeds, ReadOptions } from "./example.ts";

/**
 * The rows of a file, in order. CSV, TSV, any other one-character delimiter and JSONL are told by content; `layout`,
 * from `sniffLayout`, saves telling it again. Blank lines are no rows; an empty text is kept.
 * Throws `InputError` naming file and line, `UsageError` for options that no file could fit.
 */
export async function* readExamples(
  source: ByteSource,
  options: ReadOptions,
  layout?: Layout,
): AsyncGenerator<Example> {
  const told = layout ?? (await sniffLayout(source, options));
  const reader = createCellReader(source.name, told.columns, told.roles, options);
  if (told.format === "delimited") checkSeparator(source.name, told, options);
  const take =
    told.format === "jsonl" ? jsonRows(source.name, told, reader) : delimitedRows(source.name, told, reader);
  let rows = 0;
  for await (const batch of readLines(source, options.encoding)) {
    for (const example of take.batch(batch)) {
      rows++;
      yield example;
    }
  }
  take.end();
  if (rows === 0)
    throw new InputError(`${source.name} has ${told.header ? "a header but no rows" : "no rows"}.`);
}

/** A cell of several labels needs a separator: without one each combination would be a label of its own. */
function checkSeparator(name: string, { roles }: Layout, { needs, labelSeparator }: ReadOptions): void {
  if (needs.kind !== "multi" || needs.label === "optional") return;
  if (roles.labels.length !== 1 || labelSeparator !== undefined) return;
  throw new UsageError(
    `${name}: one column cannot tell several labels apart by itself.\nAdd --label-separator TEXT, or --label-column A,B,C for columns of 0 and 1.`,
  );
}

/** Takes the lines of one file in order. */
interface RowTaker {
  batch(lines: LineBatch): Iterable<Example>;
  end(): void;
}

function delimitedRows(name: string, layout: Layout, reader: CellReader): RowTaker {
  const splitter = new RowSplitter(name, layout);
  const check = createFieldCheck(name, layout);
  let header = layout.header;
  return {
    *batch({ first, lines }) {
      for (let i = 0; i < lines.length; i++) {
        if (!splitter.isOpen && isBlank(lines[i], layout.delimiter)) continue;
        const row = splitter.push(lines[i], first + i);
        if (row === undefined) continue;
        if (header) {
          header = false;
          continue;
        }
        check(row, lines[i]);
        yield reader.read(row.fields, row.line);
      }
    },
    end: () => splitter.end(),
  };
}

function jsonRows(name: string, { columns }: Layout, reader: CellReader): RowTaker {
  return {
    *batch({ first, lines }) {
      for (let i = 0; i < lines.length; i++) {
        if (isBlank(lines[i], undefined)) continue;
        const object = parseObject(lines[i]);
        if (object === undefined) throw notJsonObject(name, first + i);
        yield reader.read(valuesOf(object, columns), first + i);
      }
    },
    end() {},
  };
}

/**
 * Rows in memory: objects with `text`, `textPair` and `label`, or with any keys that the options name. The first row's
 * keys are the columns. `name` is what messages call the rows; an example's line is the row's number from 1.
 */
export async function* examplesFromRows(
  rows: Iterable<object> | AsyncIterable<object>,
  options: ReadOptions,
  name = "rows",
): AsyncGenerator<Example> {
  let line = 0;
  let columns: string[] = [];
  let reader: CellReader | undefined;
  for await (const row of rows) {
    line++;
    if (typeof row !== "object" || row === null)
      throw new InputError(`${name}:${line}: a row is an object with text and label.`);
    if (reader === undefined) {
      columns = Object.keys(row);
      reader = createCellReader(name, columns, chooseRoles(name, columns, options), options);
    }
    yield reader.read(valuesOf(row, columns), line);
  }
  if (line === 0) throw new InputError(`${name} is empty.\nGive at least one row with a text.`);
}
