"""Checks that Python's transformers loads a model folder of ours and computes what we computed.

Usage: python check_transformers.py MODEL_DIR LOGITS.jsonl [--max-length N] [--stride N]

The model's class tells what a line of LOGITS.jsonl is. A text, with what we made of it (`text_pair` may be missing):
    {"text": "...", "text_pair": "...", "input_ids": [101, ...], "logits": [0.1, -0.2]}
A text or split words to tag, and a question, with a list for each of their windows and logits for each token:
    {"text": "...", "input_ids": [[101, ...]], "logits": [[[0.1, -0.2], ...]]}
    {"tokens": ["...", ...], "input_ids": [[101, ...]], "logits": [[[0.1, -0.2], ...]]}
    {"question": "...", "context": "...", "input_ids": [[101, ...]], "logits": [[[start, end], ...]]}
Texts are cut, or windows made, at N tokens, by default at the tokenizer's own `model_max_length`; windows overlap by
`--stride`.

The folder must hold exactly the tensors that the model has, ids must be equal, and no logit may differ by more than
1e-4. Prints `N rows, worst logits difference X` and exits 1 if one of these does not hold.
Needs: pip install torch transformers (5.24 was used).
"""

import argparse
import json
import sys

import torch
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

TOLERANCE = 1e-4

CLASSES = {
    "BertForSequenceClassification": AutoModelForSequenceClassification,
    "BertForTokenClassification": AutoModelForTokenClassification,
    "BertForQuestionAnswering": AutoModelForQuestionAnswering,
}


def load(folder):
    """Model and tokenizer; complains of tensors that are missing (they would be random), unused or misshapen."""
    with open(f"{folder}/config.json", encoding="utf-8") as file:
        model_class = CLASSES[json.load(file)["architectures"][0]]
    model, info = model_class.from_pretrained(folder, output_loading_info=True, local_files_only=True)
    problems = [f"{kind}: {', '.join(map(str, sorted(names)))}" for kind, names in info.items() if names]
    return model.eval(), AutoTokenizer.from_pretrained(folder, local_files_only=True), problems


def inputs_of(row, tokenizer, max_length, stride):
    """What the model is fed for a row, a dict a window; whole texts have one."""
    common = {"max_length": max_length, "return_tensors": "pt"}
    windows = {**common, "stride": stride, "return_overflowing_tokens": True, "padding": "longest"}
    if "question" in row:
        encoded = tokenizer(row["question"], row["context"], truncation="only_second", **windows)
    elif "tokens" in row:
        encoded = tokenizer(row["tokens"], is_split_into_words=True, truncation=True, **windows)
    elif isinstance(row["input_ids"][0], list):
        encoded = tokenizer(row["text"], truncation=True, **windows)
    else:
        encoded = tokenizer(row["text"], row.get("text_pair"), truncation=True, **common)
    for i, mask in enumerate(encoded["attention_mask"]):
        names = ("input_ids", "token_type_ids", "attention_mask")
        yield {name: encoded[name][i : i + 1, : int(mask.sum())] for name in names}


def logits_of(model, inputs):
    """`[C]`, or `[length, C]` of a model that reads every token; start and end are the two columns of an answer."""
    with torch.no_grad():
        outputs = model(**inputs)
    if "start_logits" in outputs:
        return torch.stack([outputs.start_logits[0], outputs.end_logits[0]], dim=-1).double()
    return outputs.logits[0].double()


def check_row(model, tokenizer, row, max_length, stride):
    """The largest difference of a logit, and what else is wrong with the row."""
    inputs = list(inputs_of(row, tokenizer, max_length, stride))
    one = not isinstance(row["input_ids"][0], list)
    ids, logits = ([row["input_ids"]], [row["logits"]]) if one else (row["input_ids"], row["logits"])
    theirs = [window["input_ids"][0].tolist() for window in inputs]
    if ids != theirs:
        return 0.0, f"ids {ids}, transformers has {theirs}"
    worst = 0.0
    for window, numbers in zip(inputs, logits, strict=True):
        expected, ours = logits_of(model, window), torch.tensor(numbers, dtype=torch.float64)
        if ours.shape != expected.shape:
            return 0.0, f"logits of shape {list(ours.shape)}, transformers has {list(expected.shape)}"
        difference = (expected - ours).abs().max().item()
        # Written this way round, NaN is a failure too.
        if not difference <= TOLERANCE:
            return difference, f"logits {ours.tolist()}, transformers has {expected.tolist()}"
        worst = max(worst, difference)
    return worst, None


def main():
    parser = argparse.ArgumentParser(description="Compares a model folder's logits with those of transformers.")
    parser.add_argument("model_dir")
    parser.add_argument("logits")
    parser.add_argument("--max-length", type=int)
    parser.add_argument("--stride", type=int, default=0)
    args = parser.parse_args()

    model, tokenizer, problems = load(args.model_dir)
    with open(args.logits, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    if not rows:
        problems.append(f"{args.logits}: no rows")
    worst = 0.0
    for number, row in enumerate(rows, start=1):
        difference, problem = check_row(model, tokenizer, row, args.max_length, args.stride)
        worst = max(worst, difference) if difference == difference else difference
        if problem:
            shown = row.get("text") or row.get("question") or " ".join(row["tokens"])
            problems.append(f"{args.logits}:{number}: {shown[:60]!r}: {problem[:2000]}")

    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(rows)} rows, worst logits difference {worst:.3g}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
