"""What the bench's peers have in common: requests of one line of JSON each on stdin, an answer of one line to each.

To be imported before the libraries that compute.
"""

import json
import os
import sys

# They would force one kind of processor on the libraries; the peer shall use what it finds best.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)


def answer_lines(answer):
    """Answers each request until there are none; where `answer` fails, with `{"error": "what is wrong"}`."""
    # What libraries print shall not be taken for an answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)
