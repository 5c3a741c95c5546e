/**
 * The public data sets that quality is measured on: rows in memory for text classification, files for tagging and
 * questions, with the options that their task needs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const lines = (file, encoding = "utf8") =>
  readFileSync(file, encoding)
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
const tabs = (file) => lines(file).map((line) => line.split("\t"));
const withoutHeader = (rows) => rows.slice(1);
const pair = (text, textPair, label) => ({ text, textPair, label });
const single = (text, label) => ({ text, label });

/** RFC 4180 rows of a small file. */
function quoted(file) {
  const text = readFileSync(file, "utf8");
  const rows = [];
  const pattern = /("(?:[^"]|"")*"|[^,\n]*)(,|\n|$)/gy;
  let row = [];
  for (
    let match = pattern.exec(text);
    match && pattern.lastIndex <= text.length;
    match = pattern.exec(text)
  ) {
    row.push(match[1].startsWith('"') ? match[1].slice(1, -1).replaceAll('""', '"') : match[1]);
    if (match[2] !== ",") {
      if (row.length > 1) rows.push(row);
      row = [];
      if (match[2] === "") break;
    }
  }
  return rows;
}

/** The last `count` rows as validation rows, where a set has no file of its own for them. */
const splitLast = (rows, count) => ({ train: rows.slice(0, -count), validation: rows.slice(-count) });
const split = (read, train, validation) => ({ train: read(train), validation: read(validation) });

const tagging = (d, train, validation) => ({
  task: "token-classification",
  train: join(d, train),
  validation: join(d, validation),
});
const questions = (d, train, validation) => ({
  task: "question-answering",
  train: join(d, train),
  validation: join(d, validation),
});

/** Name to a reader of the folder that holds all sets. */
export const DATA_SETS = {
  cola: (d) =>
    split(
      (f) => tabs(join(d, "cola", f)).map((r) => single(r[3], r[1])),
      "in_domain_train.tsv",
      "in_domain_dev.tsv",
    ),
  stsb: (d) =>
    split(
      (f) => tabs(join(d, "stsb", f)).map((r) => pair(r[5], r[6], Number(r[4]))),
      "sts-train.csv",
      "sts-dev.csv",
    ),
  rte: (d) =>
    split(
      (f) => withoutHeader(tabs(join(d, "rte", f))).map((r) => pair(r[1], r[2], r[3])),
      "train.tsv",
      "dev.tsv",
    ),
  trec: (d) =>
    splitLast(
      lines(join(d, "trec/TREC.train"), "latin1").map((line) =>
        single(line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(":"))),
      ),
      500,
    ),
  mrpc: (d) =>
    splitLast(
      withoutHeader(tabs(join(d, "mrpc/msr_paraphrase_train.txt"))).map((r) => pair(r[3], r[4], r[0])),
      408,
    ),
  snli: (d) =>
    split(
      (f) => withoutHeader(tabs(join(d, "snli", f))).map((r) => pair(r[1], r[2], r[0])),
      "train.tsv",
      "dev.tsv",
    ),
  sst2: (d) => ({
    train: tabs(join(d, "sst2/train_sentences.tsv")).map((r) => single(r[0], r[1])),
    validation: withoutHeader(tabs(join(d, "sst2/dev.tsv"))).map((r) => single(r[0], r[1])),
  }),
  ag_news: (d) =>
    split(
      (f) => withoutHeader(quoted(join(d, "ag_news", f))).map((r) => single(`${r[1]} ${r[2]}`, r[0])),
      "train.csv",
      "dev.csv",
    ),
  emotion: (d) =>
    split(
      (f) =>
        withoutHeader(lines(join(d, "emotion", f))).map((line) => {
          const at = line.lastIndexOf(";");
          return single(line.slice(0, at), line.slice(at + 1));
        }),
      "train.txt",
      "val.txt",
    ),
  atis: (d) => {
    const read = (f) => {
      const labels = lines(join(d, "atis", f, "label"));
      return lines(join(d, "atis", f, "seq.in")).map((text, i) => single(text, labels[i]));
    };
    const train = read("train");
    const known = new Set(train.map(({ label }) => label));
    return { train, validation: read("valid").filter(({ label }) => known.has(label)) };
  },
  trec_fine: (d) =>
    splitLast(
      lines(join(d, "trec/TREC.train"), "latin1").map((line) =>
        single(line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))),
      ),
      500,
    ),
  sick: (d) =>
    split(
      (f) => withoutHeader(tabs(join(d, "sick", f))).map((r) => pair(r[1], r[2], r[4])),
      "SICK_train.txt",
      "SICK_trial.txt",
    ),
  mnli_taxi: (d) =>
    split(
      (f) => {
        const [header, ...rows] = tabs(join(d, "mnli_taxi", f));
        const at = (name) => header.indexOf(name);
        return rows.map((r) => pair(r[at("prem")], r[at("hyp")], r[at("label")]));
      },
      "train.tsv",
      "dev.tsv",
    ),
  conll2003: (d) => tagging(d, "conll2003/eng.train", "conll2003/eng.testa"),
  wnut17: (d) => tagging(d, "wnut17/wnut17train.conll", "wnut17/emerging.dev.conll"),
  // The four parts of the training file, joined: cat en_ewt-ud-train.part*.conllu > en_ewt-ud-train.conllu
  ud: (d) => tagging(d, "ud_english_ewt/en_ewt-ud-train.conllu", "ud_english_ewt/en_ewt-ud-dev.conllu"),
  atis_slots: (d) => ({
    ...tagging(d, "atis/train/seq.in", "atis/valid/seq.in"),
    options: { trainTags: join(d, "atis/train/seq.out"), validationTags: join(d, "atis/valid/seq.out") },
  }),
  squad_v1: (d) => questions(d, "squad_v1/train.json", "squad_v1/dev.json"),
  squad_v2: (d) => questions(d, "squad_v2/train.json", "squad_v2/dev.json"),
};
