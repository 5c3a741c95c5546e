/**
 * A row group of a Parquet file, checked before hyparquet unpacks it. That takes headers at their word: in a damaged
 * file a length that is missing or negative makes it read in circles, and a huge count takes all memory.
 */
import type { AsyncBuffer, ColumnMetaData, PageHeader, RowGroup, SchemaTree } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { formatBytes } from "./io-errors.ts";

/** A row group is held whole, as columns and then as rows. Writers use 1 to 500 MB. */
const MAX_GROUP_BYTES = 2e9;

/** A page is unpacked at once. Writers use 1 MB, or as much as one huge value needs. */
const MAX_PAGE_BYTES = 500e6;

/** Values of one column of a group, items of lists included; an array of them is held. */
const MAX_COLUMN_VALUES = 100e6;

/** Throws `Error` saying what is wrong with a row group, or which limit it is over. */
export async function checkGroup(file: AsyncBuffer, schema: SchemaTree, group: RowGroup): Promise<void> {
  const columns = group.columns.map(({ meta_data }) => meta_data);
  checkColumns(schema, columns);
  const bytes = columns.reduce((sum, column) => sum + Number(column?.total_uncompressed_size), 0);
  check(
    bytes <= MAX_GROUP_BYTES,
    `a row group of ${formatBytes(bytes)}; the limit is ${formatBytes(MAX_GROUP_BYTES)}`,
  );
  for (const column of columns) if (column) await checkPages(file, column, Number(group.num_rows));
}

/** Each column that the schema has, once: for another column nobody would wait, nor hear of its failure. */
function checkColumns(schema: SchemaTree, columns: readonly (ColumnMetaData | undefined)[]): void {
  const names = schema.children.map(({ element }) => element.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  check(twice === undefined, `two columns called "${twice}"`);
  const found = columns.map((column) => JSON.stringify(column?.path_in_schema));
  const expected = leafPaths(schema).map((path) => JSON.stringify(path));
  check(found.join() === expected.join(), "its columns are not those of its schema");
}

function leafPaths({ children, path }: SchemaTree): string[][] {
  return children.length === 0 ? [path] : children.flatMap(leafPaths);
}

async function checkPages(file: AsyncBuffer, column: ColumnMetaData, rows: number): Promise<void> {
  const expected = Number(column.num_values);
  check(expected <= MAX_COLUMN_VALUES, `${expected} values in a column; the limit is ${MAX_COLUMN_VALUES}`);
  check(rows >= 0 && rows <= expected, `${rows} rows, and a column of ${expected} values`);
  const first = Number(column.dictionary_page_offset || column.data_page_offset);
  const end = first + Number(column.total_compressed_size);
  check(first >= 0 && first <= end && end <= file.byteLength, "a column lies outside the file");
  const view = new DataView(await file.slice(first, end));
  const reader = { view, offset: 0 };
  let values = 0;
  while (reader.offset < view.byteLength - 1 && values < expected) {
    const header = parquetHeader(reader);
    checkSizes(header, view.byteLength - reader.offset);
    if (header.type !== "DICTIONARY_PAGE") values += valuesOf(header);
    else check(isCount(header.dictionary_page_header?.num_values), "a dictionary of no size");
    check(values <= expected, "a page has more values than its column");
    reader.offset += header.compressed_page_size;
  }
  check(values === expected, `${values} of a column's ${expected} values`);
}

function checkSizes({ compressed_page_size, uncompressed_page_size }: PageHeader, left: number): void {
  check(isCount(compressed_page_size) && compressed_page_size <= left, "a page goes on beyond its column");
  check(isCount(uncompressed_page_size), "a page of no size");
  check(uncompressed_page_size <= MAX_PAGE_BYTES, `a page of ${formatBytes(uncompressed_page_size)}`);
}

function valuesOf({ data_page_header, data_page_header_v2, uncompressed_page_size }: PageHeader): number {
  const header = data_page_header_v2 ?? data_page_header;
  check(header !== undefined && isCount(header.num_values), "a page without a count of its values");
  if (data_page_header_v2) {
    const { num_nulls, num_rows, repetition_levels_byte_length, definition_levels_byte_length } =
      data_page_header_v2;
    check(
      [num_nulls, num_rows].every(isCount) && num_nulls <= header.num_values,
      "a page without a count of its rows",
    );
    const levels = [repetition_levels_byte_length, definition_levels_byte_length];
    check(levels.every(isCount), "a page without its levels");
    check(levels[0] + levels[1] <= uncompressed_page_size, "levels larger than their page");
  }
  return header.num_values;
}

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function check(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem);
}
