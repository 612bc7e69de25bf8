"""Seconds of PyTorch's scaled_dot_product_attention: sdpa.py TOKENS DIMENSION ROWS."""
import statistics
import sys
import time

import torch

tokens, dimension, rows = (int(word) for word in sys.argv[1:4])
torch.manual_seed(1)
q = torch.randn(1, 1, rows, dimension)
k = torch.randn(1, 1, tokens, dimension)
v = torch.randn(1, 1, tokens, dimension)
times = []
with torch.inference_mode():
    for _ in range(3):
        start = time.perf_counter()
        torch.nn.functional.scaled_dot_product_attention(q, k, v)
        times.append(time.perf_counter() - start)
print(statistics.median(times))
