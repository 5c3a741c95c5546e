"""The benchmark's peer: a whole training step of BERT in PyTorch, float32, for `npm run bench -- --peer PYTHON`.

Stays alive and reads one request a line from stdin, so that both sides can take turns while each stays warm:
    {"model": "minilm" | "base", "batch": 32, "length": 128, "steps": 5, "threads": 2, "attn": "sdpa" | "eager"}
and answers one line on stdout:
    {"ms": [each step], "torch": "2.15.0", "transformers": "5.24.0", "threads": 2}    or    {"error": "what is wrong"}

A step is forward, backward, clipping to norm 1 and fused AdamW, dropout 0.1, on random weights and random ids without
padding. `threads` defaults to PyTorch's own choice, `attn` to "sdpa".
"""

import json
import os
import sys
import time

# They would force one kind of processor on the libraries below; the peer shall use what it finds best.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import torch
import transformers
from transformers import BertConfig, BertForSequenceClassification

SIZES = {
    "minilm": dict(hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536),
    "base": dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072),
}
warm = {}


def build(name):
    """Model and optimizer of a size, built at its first request and kept."""
    if name not in warm:
        torch.manual_seed(0)
        config = BertConfig(**SIZES[name], num_labels=2, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1)
        model = BertForSequenceClassification(config).train()
        warm[name] = model, torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
    return warm[name]


def step(model, optimizer, inputs):
    """Milliseconds of one whole step, the loss read at its end as a trainer does."""
    start = time.perf_counter()
    loss = model(**inputs).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    loss.item()
    return (time.perf_counter() - start) * 1e3


def answer(request):
    if "threads" in request:
        torch.set_num_threads(request["threads"])
    model, optimizer = build(request["model"])
    model.set_attn_implementation(request.get("attn", "sdpa"))
    shape = request["batch"], request["length"]
    inputs = dict(
        input_ids=torch.randint(1000, 30000, shape),
        attention_mask=torch.ones(shape, dtype=torch.long),
        labels=torch.randint(0, 2, shape[:1]),
    )
    ms = [step(model, optimizer, inputs) for _ in range(request["steps"])]
    versions = dict(torch=torch.__version__, transformers=transformers.__version__)
    return dict(ms=ms, **versions, threads=torch.get_num_threads())


def main():
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:
            reply = dict(error=f"{type(error).__name__}: {error}")
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
