"""Holds the encoder families that are read against PyTorch: small models with random weights.

usage: families.py STATES_PROGRAM

Prints, for each family, the relative error of the states after the embeddings and each of three layers.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
import transformers

SIZES = {
    "vocab_size": 120,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 60,
}
WINDOWS = [[5, *range(10, 30), 6], [5, 40, 41, 6]]


def families():
    yield "Bert", transformers.BertConfig(**SIZES)
    yield "Roberta", transformers.RobertaConfig(**SIZES, pad_token_id=1, layer_norm_eps=1e-5)
    yield "XLMRoberta", transformers.XLMRobertaConfig(**SIZES, pad_token_id=1)
    yield "Camembert", transformers.CamembertConfig(**SIZES, pad_token_id=1)
    yield "DistilBert", transformers.DistilBertConfig(
        vocab_size=120, dim=32, n_layers=3, n_heads=4, hidden_dim=48, max_position_embeddings=60)
    yield "Electra", transformers.ElectraConfig(**SIZES, embedding_size=32, hidden_act="gelu_new")


def main():
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as work:
        ids = pathlib.Path(work) / "ids"
        ids.write_text("".join(" ".join(map(str, window)) + "\n" for window in WINDOWS))
        for name, config in families():
            model = getattr(transformers, name + "Model")(config).eval().requires_grad_(False)
            for values in model.parameters():  # as they are drawn, all attention is flat
                values.data.mul_(6 if values.dim() > 1 else 1)
            folder = f"{work}/{name}"
            model.save_pretrained(folder)
            subprocess.run([sys.argv[1], folder, "--ids", str(ids), f"{work}/out"], check=True)
            states = [model(torch.tensor([window]), output_hidden_states=True).hidden_states for window in WINDOWS]
            errors = []
            for layer in range(4):
                ours = numpy.load(f"{work}/out.{layer}.npy")
                theirs = numpy.concatenate([one[layer][0].numpy() for one in states])
                errors.append(numpy.linalg.norm(ours - theirs) / numpy.linalg.norm(theirs))
            print(name, " ".join(f"{error:.1e}" for error in errors))


if __name__ == "__main__":
    main()
