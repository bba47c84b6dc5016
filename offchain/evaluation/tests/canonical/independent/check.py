#!/usr/bin/env python3
"""A second implementation of ../../../CANONICAL.md, in plain Python with its standard library. It follows the document and
shares nothing with the Rust code. Its results must be those that ../golden.rs and the document publish."""

import math
import struct
import sys
from pathlib import Path

from integers import (
    angle, digest, epsilon, f32, frequencies, GELU_ERF, GELU_TANH, L, Matrix, short, SILU, table, TABLES,
    vector,
)
from rules import (
    activated, add, attention, embed, evaluator, gated, heads, join, layer_hash, leaf, logits, loss, mean,
    nats, norm, product, root, tanh, window,
)

HERE = Path(__file__).parent


class Random:
    """SplitMix64, as ../models.rs uses it."""

    def __init__(self, state):
        self.state = state

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def numbers(self, count, centre, spread):
        symmetric = lambda: f32((self.next() >> 40) / (1 << 23) - 1)
        return [f32(f32(centre) + f32(f32(spread) * symmetric())) for _ in range(count)]

    def matrix(self, outputs, inputs, biased):
        weights = self.numbers(outputs * inputs, 0, f32(1.5 / f32(math.sqrt(inputs))))
        return Matrix(weights, inputs, self.numbers(outputs, 0, 0.3) if biased else None)

    def gain(self, width):
        return vector(self.numbers(width, 1, 0.3), 1 << 24)


VOCABULARY, HIDDEN, INNER, POSITIONS, HEADS = 150, 24, 36, 64, 4


class Model:
    """The models of ../models.rs by name."""

    def __init__(self, name):
        random = Random(1)
        self.after = name in ("bert", "classifier")
        self.layer_norm = self.after or name == "gpt2"
        self.key_heads = 4 if self.layer_norm else 2
        self.head = 10 if name == "qwen3" else 6
        self.function = GELU_ERF if self.after else GELU_TANH
        self.epsilon = epsilon(1e-12 if self.after else 1e-5)
        self.frequencies = None if self.layer_norm else frequencies(10_000.0, self.head)
        tokens = random.numbers(VOCABULARY * HIDDEN, 0, 1)
        self.tokens = table(tokens, HIDDEN)
        self.positions = table(random.numbers(POSITIONS * HIDDEN, 0, 1), HIDDEN) if self.layer_norm else None
        self.segment = table(random.numbers(HIDDEN, 0, 1), HIDDEN) if self.after else []
        self.embedding_norm = self.norm_weights(random) if self.after else None
        self.layers = [self.layer_weights(random, name == "qwen3") for _ in range(2)]
        self.final_norm = None
        if name == "classifier":
            self.pooler, self.classifier = random.matrix(HIDDEN, HIDDEN, True), random.matrix(5, HIDDEN, True)
        elif not self.after:
            untied = name == "qwen3"
            self.language = random.matrix(VOCABULARY, HIDDEN, False) if untied else Matrix(tokens, HIDDEN)
            self.final_norm = self.norm_weights(random)

    def norm_weights(self, random):
        gain = random.gain(HIDDEN)
        return gain, vector(random.numbers(HIDDEN, 0, 0.3), 1 << 27) if self.layer_norm else None

    def layer_weights(self, random, head_norm):
        biased, keys = self.layer_norm, self.key_heads * self.head
        weights = {"attention_norm": self.norm_weights(random)}
        for name, outputs in (("query", HEADS * self.head), ("key", keys), ("value", keys)):
            weights[name] = random.matrix(outputs, HIDDEN, biased)
        for name in ("query_norm", "key_norm"):
            weights[name] = random.gain(self.head) if head_norm else None
        weights["output"] = random.matrix(HIDDEN, HEADS * self.head, biased)
        weights["feed_norm"] = self.norm_weights(random)
        weights["gate"] = None if self.layer_norm else random.matrix(INNER, HIDDEN, biased)
        weights["up"] = random.matrix(INNER, HIDDEN, biased)
        weights["down"] = random.matrix(HIDDEN, INNER, biased)
        return weights

    def norm(self, row, weights):
        return norm(row, *weights, self.epsilon, self.layer_norm)

    def block(self, rows, weights, work):
        if self.after:
            sums = [add(row, change) for row, change in zip(rows, work([short(row) for row in rows]))]
            return [self.norm(row, weights) for row in sums]
        return [add(row, change) for row, change in zip(rows, work([short(self.norm(row, weights)) for row in rows]))]

    def attend(self, weights, inputs):
        def split(name, turned):
            result = []
            for position, row in enumerate(inputs):
                turns = turned and self.frequencies
                angles = [angle(frequency, position) for frequency in self.frequencies] if turns else None
                gain = weights.get(f"{name}_norm")
                result.append(heads(product(row, weights[name]), self.head, gain, self.epsilon, angles))
            return result

        queries, keys, values = split("query", True), split("key", True), split("value", False)
        outputs = []
        for position, query in enumerate(queries):
            seen = len(inputs) if self.after else position + 1
            mixed = []
            for index, head in enumerate(query):
                of = index // (HEADS // self.key_heads)
                mixed.append(attention(head, [key[of] for key in keys[:seen]], [value[of] for value in values[:seen]]))
            outputs.append(product(join(mixed), weights["output"]))
        return outputs

    def feed(self, weights, inputs):
        outputs = []
        for row in inputs:
            up = product(row, weights["up"])
            inner = gated(product(row, weights["gate"]), up, SILU) if weights["gate"] else activated(up, self.function)
            outputs.append(product(inner, weights["down"]))
        return outputs

    def states(self, tokens):
        rows = []
        for position, token in enumerate(tokens):
            positional = [self.positions[position]] if self.positions else []
            rows.append(embed([self.tokens[token], *positional, *self.segment]))
        if self.embedding_norm:
            rows = [self.norm(row, self.embedding_norm) for row in rows]
        layers = [layer_hash(rows)]
        for weights in self.layers:
            rows = self.block(rows, weights["attention_norm"], lambda inputs: self.attend(weights, inputs))
            rows = self.block(rows, weights["feed_norm"], lambda inputs: self.feed(weights, inputs))
            layers.append(layer_hash(rows))
        return [self.norm(row, self.final_norm) for row in rows] if self.final_norm else rows, layers

    def nll(self, tokens, first):
        rows, layers = self.states(tokens[:-1])
        pairs = zip(rows[first - 1 :], tokens[first:])
        return nats(loss(product(short(row), self.language), target) for row, target in pairs), layers


def tokens(count):
    random = Random(1 ^ 0x706B)
    return [random.next() % VOCABULARY for _ in range(count)]


def transcript(name):
    model, losses, leaves = Model(name), [], []
    for count in (2, 17, 64):
        first = max(1, count // 4)
        nll, layers = model.nll(tokens(count), first)
        losses.append(nll)
        leaves.append(leaf(digest(b"model"), window(tokens(count), first, count), evaluator(b""), layers, nll))
    return [*map(str, losses), root(leaves).hex()]


def perceptron():
    random = Random(1)
    first, last = random.matrix(20, 3, True), random.matrix(4, 20, True)
    return logits(product(activated(product(vector([0.5, -1.25, 3.0], L), first), SILU), last))


def outputs():
    bert, classifier = Model("bert"), Model("classifier")
    state = short(classifier.states(tokens(40))[0][0])
    pooled = tanh(product(state, classifier.pooler))
    results = [mean(bert.states(tokens(40))[0]), logits(product(pooled, classifier.classifier)), perceptron()]
    return [digest(struct.pack(f"<{len(numbers)}i", *numbers)).hex() for numbers in results]


def main():
    document = (HERE / "../../../CANONICAL.md").read_text()
    golden = (HERE / "../golden.rs").read_text().replace("_", "")
    results = [(table.hex(), document) for table in TABLES]
    for name in ("llama", "qwen3", "gpt2"):
        results += [(result, golden) for result in transcript(name)]
    results += [(result, golden) for result in outputs()]
    missing = [result for result, published in results if result not in published]
    print(f"{len(results) - len(missing)} of {len(results)} results are the published ones", *missing, sep="\n")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
