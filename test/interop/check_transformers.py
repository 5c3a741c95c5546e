"""Checks that Python's transformers loads a model folder of ours and computes what we computed.

Usage: python check_transformers.py MODEL_DIR LOGITS.jsonl [--max-length N]

Each line of LOGITS.jsonl is one text with what we made of it:
    {"text": "...", "text_pair": "...", "input_ids": [101, ...], "logits": [0.1, -0.2]}
`text_pair` may be missing. Texts are cut to N tokens, by default to the tokenizer's own `model_max_length`.

The folder must hold exactly the tensors that the model has, ids must be equal, and no logit may differ by more than
1e-4. Prints `N rows, worst logits difference X` and exits 1 if one of these does not hold.
Needs: pip install torch transformers (5.24 was used).
"""

import argparse
import json
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

TOLERANCE = 1e-4


def load(folder):
    """Model and tokenizer; complains of tensors that are missing (they would be random), unused or misshapen."""
    model, info = AutoModelForSequenceClassification.from_pretrained(
        folder, output_loading_info=True, local_files_only=True
    )
    problems = [f"{kind}: {', '.join(map(str, sorted(names)))}" for kind, names in info.items() if names]
    return model.eval(), AutoTokenizer.from_pretrained(folder, local_files_only=True), problems


def check_row(model, tokenizer, row, max_length):
    """The largest difference of a logit, and what else is wrong with the row."""
    encoded = tokenizer(
        row["text"], row.get("text_pair"), truncation=True, max_length=max_length, return_tensors="pt"
    )
    ids = encoded["input_ids"][0].tolist()
    if ids != row["input_ids"]:
        return 0.0, f"ids {row['input_ids']}, transformers has {ids}"
    with torch.no_grad():
        logits = model(**encoded).logits[0].double()
    ours = torch.tensor(row["logits"], dtype=torch.float64)
    if ours.shape != logits.shape:
        return 0.0, f"{len(ours)} logits, transformers has {len(logits)}"
    difference = (logits - ours).abs().max().item()
    # Written this way round, NaN is a failure too.
    return difference, None if difference <= TOLERANCE else f"logits {ours.tolist()}, transformers has {logits.tolist()}"


def main():
    parser = argparse.ArgumentParser(description="Compares a model folder's logits with those of transformers.")
    parser.add_argument("model_dir")
    parser.add_argument("logits")
    parser.add_argument("--max-length", type=int)
    args = parser.parse_args()

    model, tokenizer, problems = load(args.model_dir)
    with open(args.logits, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    if not rows:
        problems.append(f"{args.logits}: no rows")
    worst = 0.0
    for number, row in enumerate(rows, start=1):
        difference, problem = check_row(model, tokenizer, row, args.max_length)
        worst = max(worst, difference) if difference == difference else difference
        if problem:
            problems.append(f"{args.logits}:{number}: {row['text'][:60]!r}: {problem}")

    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(rows)} rows, worst logits difference {worst:.3g}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
