"""The peer of `npm run bench -- --suite gradients`: PyTorch's gradients under bf16 autocast against its own in float32.

Reads one request a line from stdin:
    {"model": folder, "classes": 2, "fresh": {"classifier.weight": [numbers], ...}, "dropout": 0.1, "seed": 3,
     "rows": [[ids], ...], "first": [tokens of each row's first segment], "labels": [class of each row]}
and answers one line on stdout:
    {"percent": 0.8, "torch": "2.15.0", "transformers": "5.24.0"}   or   {"error": "what is wrong"}

`percent` is the median over the tensors of |g - g32| / |g32|; embedding tables and the biases of keys are left out. Both
precisions draw the same dropout masks, by `seed`. `fresh` holds what the checkpoint does not have; the first request alone
has it. All requests have the same model, classes and dropout.
"""

import statistics

from answer_lines import answer_lines

import torch
import transformers
from transformers import BertForSequenceClassification

models = {}


def load(request):
    """The model of the first request; all later ones have the same."""
    if not models:
        model = BertForSequenceClassification.from_pretrained(
            request["model"],
            num_labels=request["classes"],
            ignore_mismatched_sizes=True,
            hidden_dropout_prob=request["dropout"],
            attention_probs_dropout_prob=request["dropout"],
            classifier_dropout=request["dropout"],
        ).train()
        parameters = dict(model.named_parameters())
        with torch.no_grad():
            for name, values in request["fresh"].items():
                parameters[name].copy_(torch.tensor(values).view_as(parameters[name]))
        models["model"] = model
    return models["model"]


def pad(rows, first):
    longest = max(len(row) for row in rows)
    ids, mask, types = (torch.zeros(len(rows), longest, dtype=torch.long) for _ in range(3))
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
        types[i, first[i] : len(row)] = 1
    return dict(input_ids=ids, attention_mask=mask, token_type_ids=types)


def gradients(model, inputs, seed, bf16):
    model.zero_grad()
    torch.manual_seed(seed)
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        loss = model(**inputs).loss
    loss.backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if is_judged(name)}


def is_judged(name):
    return "_embeddings." not in name and not name.endswith("key.bias")


def answer(request):
    model = load(request)
    inputs = dict(pad(request["rows"], request["first"]), labels=torch.tensor(request["labels"]).long())
    exact, rounded = (gradients(model, inputs, request["seed"], bf16) for bf16 in (False, True))
    errors = [float((rounded[name] - g).norm() / g.norm()) for name, g in exact.items()]
    versions = dict(torch=torch.__version__, transformers=transformers.__version__)
    return dict(percent=100 * statistics.median(errors), **versions)


if __name__ == "__main__":
    answer_lines(answer)
