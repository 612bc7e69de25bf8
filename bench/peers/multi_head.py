"""Seconds of onnxruntime's fused MultiHeadAttention: multi_head.py TOKENS DIMENSION ROWS."""
import statistics
import sys
import time

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

tokens, dimension, rows = (int(word) for word in sys.argv[1:4])


def tensor(name, length):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, length, dimension])


node = helper.make_node(
    "MultiHeadAttention", ["q", "k", "v"], ["o"], domain="com.microsoft", num_heads=1
)
graph = helper.make_graph(
    [node],
    "attention",
    [tensor("q", rows), tensor("k", tokens), tensor("v", tokens)],
    [tensor("o", rows)],
)
opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
session = onnxruntime.InferenceSession(
    model.SerializeToString(), providers=["CPUExecutionProvider"]
)
random = np.random.default_rng(1)
inputs = {
    name: random.standard_normal((1, length, dimension), dtype=np.float32)
    for name, length in (("q", rows), ("k", tokens), ("v", tokens))
}
times = []
for _ in range(3):
    start = time.perf_counter()
    session.run(None, inputs)
    times.append(time.perf_counter() - start)
print(statistics.median(times))
