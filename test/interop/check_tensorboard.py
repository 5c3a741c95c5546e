"""Checks that TensorBoard reads from a run's folder what its metrics.jsonl says.

Usage: python check_tensorboard.py RUN_DIR. Prints `N scalars, worst difference X` and exits 1 where one is missing, one
too many, or another than float32 makes of it. Needs: pip install tensorboard (2.21 was used).
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

folder = sys.argv[1]
expected = {}
for text in open(f"{folder}/metrics.jsonl", encoding="utf-8"):
    line = json.loads(text)
    if line["type"] == "step":
        named = {f"train/{name}": line[name] for name in ("loss", "grad_norm", "learning_rate", "epoch")}
    else:
        named = {name.replace("eval_", "eval/", 1): value for name, value in line.items() if name.startswith("eval_")}
    expected.update({(tag, line["step"]): value for tag, value in named.items()})

events = EventAccumulator(f"{folder}/tensorboard", size_guidance={"scalars": 0}).Reload()
read = {(tag, event.step): event.value for tag in events.Tags()["scalars"] for event in events.Scalars(tag)}
if read.keys() != expected.keys():
    sys.exit(f"not the same scalars: {sorted(read.keys() ^ expected.keys())[:10]}")
worst = max(abs(read[key] - value) / max(abs(value), 1e-30) for key, value in expected.items())
print(f"{len(read)} scalars, worst difference {worst:.1e}")
sys.exit(worst > 1e-7)
