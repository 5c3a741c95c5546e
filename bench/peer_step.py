"""The benchmark's peer: a whole training step of BERT in PyTorch, for `npm run bench -- --peer PYTHON`.

Stays alive and reads one request a line from stdin, so that both sides can take turns while each stays warm:
    {"model": "minilm" | "base", "batches": [[tokens of each row], ...], "precision": "float32" | "bf16",
     "attn": "sdpa" | "eager", "compile": false, "threads": 2}
and answers one line on stdout:
    {"ms": [a step on each batch], "torch": "2.15.0", "transformers": "5.24.0", "threads": 2}   or   {"error": "what is wrong"}

A step is forward, backward, clipping to norm 1 and fused AdamW, dropout 0.1, on random weights and random ids; rows are
padded to the batch's longest. bf16 is autocast, as Hugging Face's Trainer has it. Without `threads` PyTorch chooses.
"""

import time

from answer_lines import answer_lines

import torch
import transformers
from transformers import BertConfig, BertForSequenceClassification

SIZES = {
    "minilm": dict(hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536),
    "base": dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072),
}
warm = {}
compiled = {}


def build(name):
    """Model and optimizer of a size, built at its first request; an earlier size is forgotten."""
    if name not in warm:
        warm.clear()
        compiled.clear()
        torch.manual_seed(0)
        config = BertConfig(**SIZES[name], num_labels=2, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1)
        model = BertForSequenceClassification(config).train()
        warm[name] = model, torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
    return warm[name]


def compile_once(model, attn):
    if attn not in compiled:
        compiled[attn] = torch.compile(model)
    return compiled[attn]


def pad(lengths):
    """Rows of random ids, padded to the longest."""
    ids = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(1000, 30000, (length,))
        mask[row, :length] = 1
    return dict(input_ids=ids, attention_mask=mask, labels=torch.randint(0, 2, (len(lengths),)))


def step(forward, model, optimizer, inputs, bf16):
    """Milliseconds of one whole step, the loss read at its end as a trainer does."""
    start = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        loss = forward(**inputs).loss
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
    model.set_attn_implementation(request["attn"])
    forward = compile_once(model, request["attn"]) if request["compile"] else model
    bf16 = request["precision"] == "bf16"
    ms = [step(forward, model, optimizer, pad(lengths), bf16) for lengths in request["batches"]]
    versions = dict(torch=torch.__version__, transformers=transformers.__version__)
    return dict(ms=ms, **versions, threads=torch.get_num_threads())


if __name__ == "__main__":
    answer_lines(answer)
