"""The benchmark's peer of a whole job: Hugging Face's Trainer as a Python user has it, from the files to a saved model.

    python3 bench/peer_job.py TASK --data FOLDER --model FOLDER --output FOLDER [--precision float32|bf16]
        [--sampling random|group_by_length]

TASK is cola, conll2003 or squad_v1, in FOLDER as bench/data-sets.js has them. Learning rate 5e-5, linear with 10 % warm-up,
decay 0.01, clipping to norm 1, dynamic padding, rows in random order (the Trainer's default) or grouped by length,
evaluation once at the end. Needs torch, transformers, accelerate, scikit-learn and seqeval. Prints one JSON object:
seconds, peak_memory_mb and metrics between 0 and 1.
"""

import argparse
import collections
import json
import os
import re
import resource
import string
import time

# They would force one kind of processor on the libraries below; the peer shall use what it finds best.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

from sklearn.metrics import matthews_corrcoef
from seqeval.metrics import f1_score
from transformers import (
    AutoTokenizer,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)

SEED = 42
IGNORED = -100
QUESTION = dict(truncation="only_second", max_length=384, stride=128, return_overflowing_tokens=True)
BEST_SPANS, LONGEST_ANSWER = 20, 30


class Job:
    """Rows of a task as features, the model that learns them, and the score of its logits."""

    max_length, batch, epochs = 128, 32, 3

    def __init__(self, folder, model, tokenizer):
        self.folder, self.tokenizer = folder, tokenizer
        self.train_rows, self.dev_rows = (self.read(os.path.join(folder, name)) for name in self.files)
        self.train, self.dev = self.encode(self.train_rows), self.encode(self.dev_rows)
        self.model = self.load(model)

    def collator(self):
        return DataCollatorWithPadding(self.tokenizer)


class Cola(Job):
    files = "cola/in_domain_train.tsv", "cola/in_domain_dev.tsv"

    def read(self, file):
        with open(file, encoding="utf-8") as lines:
            return [line.rstrip("\n").split("\t") for line in lines]

    def encode(self, rows):
        texts = self.tokenizer([row[3] for row in rows], truncation=True, max_length=self.max_length)
        return as_rows(dict(texts, labels=[int(row[1]) for row in rows]))

    def load(self, model):
        return BertForSequenceClassification.from_pretrained(model, num_labels=2)

    def score(self, logits):
        return dict(matthews_correlation=matthews_corrcoef([row["labels"] for row in self.dev], logits.argmax(-1)))


class Conll2003(Job):
    files = "conll2003/eng.train", "conll2003/eng.testa"

    def read(self, file):
        """Sentences as words and IOB2 tags; the files are IOB1."""
        with open(file, encoding="utf-8") as text:
            blocks = [[line.split() for line in block.split("\n")] for block in text.read().strip().split("\n\n")]
        sentences = [block for block in blocks if not block[0][0].startswith("-DOCSTART-")]
        return [([word[0] for word in block], iob2([word[-1] for word in block])) for block in sentences]

    def encode(self, rows):
        self.tags = sorted({tag for _, tags in self.train_rows for tag in tags})
        encoded = self.tokenizer(
            [words for words, _ in rows], is_split_into_words=True, truncation=True, max_length=self.max_length
        )
        labels = []
        for i, (_, tags) in enumerate(rows):
            words = encoded.word_ids(i)
            first = [word is not None and word != before for before, word in zip([None, *words], words)]
            labels.append([self.tags.index(tags[word]) if new else IGNORED for new, word in zip(first, words)])
        return as_rows(dict(encoded, labels=labels))

    def load(self, model):
        return BertForTokenClassification.from_pretrained(model, num_labels=len(self.tags))

    def collator(self):
        return DataCollatorForTokenClassification(self.tokenizer)

    def score(self, logits):
        predicted = []
        for row, best, (_, tags) in zip(self.dev, logits.argmax(-1), self.dev_rows):
            known = [self.tags[tag] for tag, label in zip(best, row["labels"]) if label != IGNORED]
            predicted.append(known + ["O"] * (len(tags) - len(known)))  # what was cut off has no entity
        return dict(f1=f1_score([tags for _, tags in self.dev_rows], predicted))


class SquadV1(Job):
    files = "squad_v1/train.json", "squad_v1/dev.json"
    max_length, batch, epochs = 384, 16, 2

    def read(self, file):
        with open(file, encoding="utf-8") as text:
            articles = json.load(text)["data"]
        return [
            dict(question=qa["question"].strip(), context=paragraph["context"], answers=qa["answers"])
            for article in articles
            for paragraph in article["paragraphs"]
            for qa in paragraph["qas"]
        ]

    def encode(self, rows):
        questions, contexts = [row["question"] for row in rows], [row["context"] for row in rows]
        encoded = self.tokenizer(questions, contexts, return_offsets_mapping=True, **QUESTION)
        offsets, sample = encoded.pop("offset_mapping"), encoded.pop("overflow_to_sample_mapping")
        # Kept of the rows that are encoded last, the dev set. Only tokens of the passage have offsets there.
        self.windows = [
            (row, [span if part == 1 else None for span, part in zip(spans, encoded.sequence_ids(i))])
            for i, (row, spans) in enumerate(zip(sample, offsets))
        ]
        positions = [token_span(rows[row]["answers"][0], spans) for row, spans in self.windows]
        starts, ends = zip(*positions)
        return as_rows(dict(encoded, start_positions=starts, end_positions=ends))

    def load(self, model):
        return BertForQuestionAnswering.from_pretrained(model)

    def score(self, logits):
        best = collections.defaultdict(lambda: (float("-inf"), ""))
        for (row, spans), starts, ends in zip(self.windows, *logits[:2]):
            for score, first, last in best_spans(spans, starts, ends):
                text = self.dev_rows[row]["context"][spans[first][0] : spans[last][1]]
                best[row] = max(best[row], (score, text))
        pairs = [(best[i][1], [a["text"] for a in row["answers"]]) for i, row in enumerate(self.dev_rows)]
        exact = [max(normal(text) == normal(gold) for gold in golds) for text, golds in pairs]
        f1 = [max(word_f1(normal(text), normal(gold)) for gold in golds) for text, golds in pairs]
        return dict(exact_match=sum(exact) / len(pairs), f1=sum(f1) / len(pairs))


def as_rows(columns):
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def iob2(tags):
    new = [tag != "O" and (before == "O" or before[2:] != tag[2:]) for before, tag in zip(["O", *tags], tags)]
    return ["B" + tag[1:] if first else tag for first, tag in zip(new, tags)]


def token_span(answer, spans):
    """First and last token of the answer, both 0 where the window does not hold it."""
    start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
    inside = [i for i, span in enumerate(spans) if span and span[0] < end and span[1] > start]
    whole = inside and spans[inside[0]][0] <= start and spans[inside[-1]][1] >= end
    return (inside[0], inside[-1]) if whole else (0, 0)


def best_spans(spans, starts, ends):
    firsts, lasts = (scores.argsort()[::-1][:BEST_SPANS] for scores in (starts, ends))
    for first in firsts:
        for last in lasts:
            inside = max(first, last) < len(spans) and spans[first] and spans[last]
            if inside and first <= last < first + LONGEST_ANSWER:
                yield float(starts[first] + ends[last]), first, last


def normal(text):
    letters = "".join(letter for letter in text.lower() if letter not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", letters).split()


def word_f1(words, gold):
    common = sum((collections.Counter(words) & collections.Counter(gold)).values())
    return 2 * common / (len(words) + len(gold)) if common else float(words == gold)


JOBS = {"cola": Cola, "conll2003": Conll2003, "squad_v1": SquadV1}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=JOBS)
    for name in ("data", "model", "output"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--precision", choices=("float32", "bf16"), default="float32")
    parser.add_argument("--sampling", choices=("random", "group_by_length"), default="random")
    given = parser.parse_args()
    start = time.time()
    set_seed(SEED)
    tokenizer = AutoTokenizer.from_pretrained(given.model)
    job = JOBS[given.task](given.data, given.model, tokenizer)
    settings = TrainingArguments(
        output_dir=given.output,
        per_device_train_batch_size=job.batch,
        per_device_eval_batch_size=64,
        num_train_epochs=job.epochs,
        learning_rate=5e-5,
        warmup_steps=0.1,
        weight_decay=0.01,
        train_sampling_strategy=given.sampling,
        bf16=given.precision == "bf16",
        use_cpu=True,
        seed=SEED,
        save_strategy="no",
        eval_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    trainer = Trainer(model=job.model, args=settings, train_dataset=job.train, data_collator=job.collator())
    trainer.train()
    trainer.save_model(given.output)
    tokenizer.save_pretrained(given.output)
    # Grouping by length would bring the predictions into another order.
    trainer.args.train_sampling_strategy = "sequential"
    metrics = {name: float(value) for name, value in job.score(trainer.predict(job.dev).predictions).items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps(dict(task=given.task, seconds=time.time() - start, peak_memory_mb=peak, metrics=metrics)))


if __name__ == "__main__":
    main()
