"""The benchmark's peer: predictions of transformers in PyTorch, for `npm run bench -- --suite predict --peer PYTHON`.

Stays alive and reads one request a line from stdin, so that both sides can take turns while each stays warm:
    {"model": FOLDER, "task": "text-classification" | "token-classification", "texts": FILE, "way": "pipeline" | "sorted",
     "precision": "float32" | "bf16", "threads": 2}
and answers one line on stdout:
    {"seconds": 1.5, "labels": [of the first rows; of tags none], "peak_memory_mb": 812.5, "with": "PyTorch 2.15.0, …"}
or  {"error": "what is wrong"}

`texts` is JSON, a list of texts. "pipeline" is transformers' own in batches of 32; "sorted" tokenizes all rows, sorts
them by length and pads each batch of 32 to its longest row. Both end with labels and scores. `threads` defaults to
PyTorch's own choice; bf16 is autocast.

    {"export": FOLDER, "task": …, "to": FOLDER}
writes the model as ONNX with its tokenizer, as transformers.js loads it, and answers {}. It needs the package onnx.
"""

import json
import resource
import shutil
import sys
import time
import warnings
from contextlib import nullcontext
from pathlib import Path

from answer_lines import answer_lines

warnings.filterwarnings("ignore")

import torch
import transformers
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    pipeline,
)

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

BATCH = 32
MODELS = {
    "text-classification": AutoModelForSequenceClassification,
    "token-classification": AutoModelForTokenClassification,
}
# What each pipeline needs to say entities, as the other side does, and not pieces.
OPTIONS = {"text-classification": {}, "token-classification": {"aggregation_strategy": "simple"}}
warm = {}


def load(folder, task):
    """Model and tokenizer, loaded at their first request and kept."""
    if folder not in warm:
        warm[folder] = MODELS[task].from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    return warm[folder]


def by_pipeline(model, tokenizer, task, texts):
    """Predictions in order."""
    pipe = pipeline(task, model=model, tokenizer=tokenizer, device="cpu", **OPTIONS[task])
    return pipe(texts, batch_size=BATCH)


def by_length(model, tokenizer, task, texts):
    """The same by hand: rows of like length together, least padding."""
    names = model.config.id2label
    rows = tokenizer(texts, truncation=True, max_length=tokenizer.model_max_length)["input_ids"]
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
    results = [None] * len(rows)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        inputs = tokenizer.pad({"input_ids": [rows[i] for i in batch]}, return_tensors="pt")
        best = model(**inputs).logits.float().softmax(-1).max(-1)
        for i, index, score in zip(batch, best.indices.tolist(), best.values.tolist()):
            if task == "text-classification":
                results[i] = {"label": names[index], "score": score}
            else:
                results[i] = [{"entity": names[tag], "score": p} for tag, p in zip(index[: len(rows[i])], score)]
    return results


WAYS = {"pipeline": by_pipeline, "sorted": by_length}


def predict(request):
    if "threads" in request:
        torch.set_num_threads(request["threads"])
    model, tokenizer = load(request["model"], request["task"])
    texts = json.loads(Path(request["texts"]).read_text())
    bf16 = request["precision"] == "bf16"
    start = time.perf_counter()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16) if bf16 else nullcontext():
        results = WAYS[request["way"]](model, tokenizer, request["task"], texts)
    seconds = time.perf_counter() - start
    labels = [result["label"] for result in results[:BATCH] if "label" in result]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    versions = f"PyTorch {torch.__version__}, transformers {transformers.__version__}"
    names = f"{versions}, {torch.get_num_threads()} threads"
    return {"seconds": seconds, "labels": labels, "peak_memory_mb": peak, "with": names}


def export(request):
    folder, target = Path(request["export"]), Path(request["to"])
    model, tokenizer = load(str(folder), request["task"])
    example = tokenizer(["a", "a longer one"], padding=True, return_tensors="pt")
    names = list(example)

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, *inputs):
            return self.model(**dict(zip(names, inputs))).logits

    (target / "onnx").mkdir(parents=True)
    rows = {0: "batch"}
    tokens = {0: "batch", 1: "length"}
    logits = tokens if request["task"] == "token-classification" else rows
    torch.onnx.export(
        # The exporter puts the mode back to what it was, for the model inside as well.
        Logits().eval(),
        tuple(example.values()),
        str(target / "onnx/model.onnx"),
        input_names=names,
        output_names=["logits"],
        dynamic_axes={**{name: tokens for name in names}, "logits": logits},
        opset_version=18,
        dynamo=False,
    )
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(folder / name, target / name)
    return {}


def answer(request):
    return export(request) if "export" in request else predict(request)


if __name__ == "__main__":
    answer_lines(answer)
