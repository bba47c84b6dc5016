"""Trains the byte-level GPT-2 of ../../models on ../../data/corpus.txt and prints its held-out bits per byte.

    python train_gpt2.py ../../models/gpt2.safetensors

Made with Python 3.11, torch 1.13.1, transformers 4.42.4, safetensors 0.8.0, numpy 1.24.2; not run by the tests.
"""

import json
import math
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel

DATA = pathlib.Path(__file__).parent / "../../data"
CONFIG = {
    "model_type": "gpt2",
    "vocab_size": 256,
    "n_positions": 256,
    "n_embd": 96,
    "n_layer": 3,
    "n_head": 4,
    "n_inner": None,
    "activation_function": "gelu_new",
    "layer_norm_epsilon": 1e-5,
    "tie_word_embeddings": True,
}
WINDOW, BATCH, STEPS, WARM_UP, RATE, SEED = 256, 8, 900, 50, 3e-3, 7


def text(name):
    return torch.tensor(list((DATA / name).read_bytes()))


def new_model():
    return GPT2LMHeadModel(GPT2Config(**CONFIG, initializer_range=0.1, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0))


def waves(weight):
    """Positions begin as sines and cosines: heads that look back by a fixed distance are then soon learned."""
    half = weight.shape[1] // 2
    angles = torch.arange(len(weight))[:, None] * 1000 ** (-torch.arange(half) / half)
    with torch.no_grad():
        weight.copy_(0.2 * torch.cat([angles.sin(), angles.cos()], 1))


def train():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    model, corpus = new_model(), text("corpus.txt")
    waves(model.transformer.wpe.weight)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.95), weight_decay=0.1)
    cosine = lambda step: 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / (STEPS - WARM_UP)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: s / WARM_UP if s < WARM_UP else cosine(s))
    for step in range(STEPS):
        starts = torch.randint(len(corpus) - WINDOW, (BATCH,))
        batch = torch.stack([corpus[start : start + WINDOW + 1] for start in starts])
        logits = model(batch[:, :-1]).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step}: {loss.item() / math.log(2):.4f} bits per byte", flush=True)
    return model


def nats_of_windows(path):
    """What the file makes, in f64, of the held-out text in windows of 257 bytes that share one byte with their neighbour:
    each predicts 256."""
    model, held_out = new_model().double().eval(), text("heldout.txt")
    weights = {name: weight.double() for name, weight in load_file(path).items()}
    model.load_state_dict(weights | {"lm_head.weight": weights["transformer.wte.weight"]})
    with torch.no_grad():
        for start in range(0, len(held_out) - WINDOW, WINDOW):
            window = held_out[start : start + WINDOW + 1]
            logits = model(window[None, :-1]).logits[0]
            yield torch.nn.functional.cross_entropy(logits, window[1:], reduction="sum").item()


def report(path):
    nats = list(nats_of_windows(path))
    parameters = sum(weight.numel() for weight in load_file(path).values())
    print(f"{parameters} parameters, held-out bits per byte: {sum(nats) / len(nats) / WINDOW / math.log(2):.4f}")
    print(f"nats of the first windows: {nats[:3]}")


def main(path):
    weights = {name: weight.half() for name, weight in train().state_dict().items() if name != "lm_head.weight"}
    save_file(weights, path, metadata={"config": json.dumps(CONFIG)})
    report(path)


if __name__ == "__main__":
    main(sys.argv[1])
