"""Holds what bench/states makes of a model against PyTorch and onnxruntime with the same weights.

usage: states.py MODEL_FOLDER STATES_PROGRAM SENTENCES.jsonl TEXT

SENTENCES.jsonl: one JSON string a line, or objects with "text" (tests/data/tokens/sentences.jsonl). Prints whether
the token ids are those of the `tokenizers` library, the largest relative error of the states after each layer, and
tokens a second of the three on TEXT, two threads each, in windows of 256.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import tokenizers
import torch
from transformers import BertModel

WINDOW = 256


def sentences(path):
    lines = []
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        value = json.loads(line)
        text = value if isinstance(value, str) else value["text"]
        # A line a sentence: what ends lines would cut it.
        lines.append(" ".join(text.splitlines()))
    return lines


def fastest(run, rows):
    best = 0.0
    for _ in range(5):
        start = time.perf_counter()
        run()
        best = max(best, rows / (time.perf_counter() - start))
    return best


def main():
    folder, program, path, text = sys.argv[1:5]
    torch.set_num_threads(2)
    tokenizer = tokenizers.Tokenizer.from_file(folder + "/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model = BertModel.from_pretrained(folder, attn_implementation="sdpa", add_pooling_layer=False).eval()
    model.requires_grad_(False)
    lines = sentences(path)
    with tempfile.TemporaryDirectory() as work:
        source = pathlib.Path(work) / "sentences.txt"
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        out = str(pathlib.Path(work) / "states")
        subprocess.run([program, folder, str(source), out], check=True)
        ids = [[int(word) for word in line.split()] for line in open(out + ".ids")]
        wanted = [tokenizer.encode(line).ids for line in lines]
        differ = sum(a != b for a, b in zip(ids, wanted)) + abs(len(ids) - len(wanted))
        print(f"token ids differ in {differ} of {len(lines)} sentences")
        with torch.no_grad():
            states = [model(torch.tensor([row]), output_hidden_states=True).hidden_states for row in wanted]
        for layer in range(len(states[0])):
            ours = numpy.load(f"{out}.{layer}.npy")
            theirs = numpy.concatenate([one[layer][0].numpy() for one in states])
            error = numpy.linalg.norm(ours - theirs, axis=1) / numpy.linalg.norm(theirs, axis=1)
            print(f"after {layer} layers: largest relative error of a token {error.max():.1e}, mean {error.mean():.1e}")

    pieces = tokenizer.encode(pathlib.Path(text).read_text(encoding="utf-8"), add_special_tokens=False).ids
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    rows = [[first] + pieces[at : at + WINDOW - 2] + [last] for at in range(0, len(pieces) - WINDOW, WINDOW - 2)]
    batch = torch.tensor(rows)
    own = float(subprocess.run([program, folder, "--speed", text], check=True, capture_output=True).stdout)
    with torch.no_grad():
        torch_speed = fastest(lambda: model(batch, attention_mask=torch.ones_like(batch)), batch.numel())
    print(f"tokens a second: Splatscope {own:.0f}, PyTorch {torch_speed:.0f} ({own / torch_speed:.2f} x)")
    try:
        import onnxruntime

        class States(torch.nn.Module):
            def forward(self, ids):
                return model(ids, attention_mask=torch.ones_like(ids)).last_hidden_state

        with tempfile.TemporaryDirectory() as work:
            file = work + "/model.onnx"
            torch.onnx.export(States(), (batch,), file, input_names=["ids"], dynamo=False, opset_version=17)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 2
            session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
            speed = fastest(lambda: session.run(None, {"ids": batch.numpy()}), batch.numel())
        print(f"onnxruntime {speed:.0f} ({own / speed:.2f} x)")
    except Exception as error:  # an export that a version of PyTorch declines
        print(f"onnxruntime was left out: {str(error).splitlines()[0][:200]}")


if __name__ == "__main__":
    main()
