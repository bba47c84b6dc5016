"""The rules, after CANONICAL.md alone."""

import struct
from math import isqrt

from integers import bits, digest, exponential, lead, LN_2, LOG2_E, LOGARITHM, rs, sat, short, SILU, TABLES, Z


def product(row, matrix):  # rule 2
    a, e = row
    sums = [sum(x * y for x, y in zip(a, q)) for q in matrix.q]
    if matrix.bias is None:
        return [rs(s, r) for s, r in zip(sums, matrix.shifts)], e + matrix.c
    b, eb = matrix.bias
    E = min(e + matrix.c, eb)
    return [rs(s, r + e + matrix.c - E) + rs(x, eb - E) for s, r, x in zip(sums, matrix.shifts, b)], E


def embed(parts):  # rule 3
    E = min([Z] + [s + 13 for _, s in parts])
    scaled = [[rs(x << 13, s + 13 - E) for x in q] for q, s in parts]
    return renormalise([sum(xs) for xs in zip(*scaled)], E)


def add(a, b):  # rule 4
    F = min(a[1], b[1])
    return renormalise([rs(x, a[1] - F) + rs(y, b[1] - F) for x, y in zip(a[0], b[0])], F)


def renormalise(t, F):
    if not any(t):
        return t, Z
    r = max(0, bits(max(map(abs, t))) - 29)
    return [rs(x, r) for x in t], F - r


def norm(row, gain, bias, epsilon, layer):  # rule 5
    m, e = row
    K = len(m)
    mu = (2 * sum(m) + K) // (2 * K) if layer else 0
    c = [x - mu for x in m]
    h = normalised(c, e, epsilon) if any(c) else c
    (gamma, eg), T = gain, (bits(K) + 1) // 2 + 18
    ep = 22 + eg - T
    Ep = min(ep, Z, bias[1]) if bias else min(ep, Z)
    beta = [rs(b, bias[1] - Ep) for b in bias[0]] if bias else [0] * K
    return [rs(x * y, T + ep - Ep) + b for x, y, b in zip(h, gamma, beta)], Ep


def normalised(c, e, epsilon):
    K, (p, xe) = len(c), epsilon
    r = max(0, bits(max(map(abs, c))) - 15)
    V, P, w = sum(rs(x, r) ** 2 for x in c), p * K, 2 * (e - r)
    t = w - xe
    if t <= 0:
        W, X = V + rs(P, -t), w
    elif t <= 14:
        W, X = V + (P << t), w
    else:
        W, X = rs(V, t - 14) + (P << 14), w - (t - 14)
    z = 62 - bits(W)
    z -= (X + z) % 2
    rho = (isqrt(K << 44) << 32) // isqrt(W << z)
    return [rs(x * rho, 32 + e - (X + z) // 2) for x in c]


def heads(row, width, gain, epsilon, angles):  # rule 6
    result = []
    for start in range(0, len(row[0]), width):
        m, e = row[0][start : start + width], row[1]
        if gain:
            m, e = norm((m, e), gain, None, epsilon, False)
        for i, (cos, sin) in enumerate(angles or []):
            a, b = m[i], m[i + width // 2]
            m[i], m[i + width // 2] = rs(a * cos - b * sin, 30), rs(b * cos + a * sin, 30)
        result.append(short((m, e)))
    return result


def attention(query, keys, values):  # rule 7
    (q, eq), head = query, len(query[0])
    sigma = (LOG2_E << 27) // isqrt(head << 54)
    s = [sat(rs(sum(a * b for a, b in zip(q, k)), 8) * sigma, eq + ek + 6, 1 << 29) for k, ek in keys]
    M = max(s)
    D = sum(exponential(M - x, 16, 8) for x in s)
    t = [x - (ev << 16) for x, (_, ev) in zip(s, values)]
    peak = max(t)
    G = [exponential(peak - x, 16, 8) for x in t]
    N = [sum(g * v[i] for g, (v, _) in zip(G, values)) for i in range(head)]
    I, f = (peak - M) >> 16, (peak - M) & 0xFFFF
    u = (exponential((1 << 16) - f, 16, 0) << 31) // lead(D, 31)
    n = max(0, bits(sum(G)) - 15)
    return [rs(rs(x, n) * u, 31) for x in N], bits(D) - 2 - n - I


def join(heads):
    E = min((e for o, e in heads if any(o)), default=Z)
    return short(([rs(x, e - E) if x else 0 for o, e in heads for x in o], E))


def gate(y, E, G):  # rule 8
    x = sat(abs(y), E - 16, 1 << 20)
    k, u = x >> 8, x & 255
    v = 1 << 30 if x == 1 << 20 else G[k] + rs((G[k + 1] - G[k]) * u, 8)
    return (1 << 30) - v if y < 0 else v


def activated(row, G):
    return short(([y * gate(y, row[1], G) for y in row[0]], row[1] + 30))


def gated(row, up, G):
    return short(([rs(y * gate(y, row[1], G), 30) * x for y, x in zip(row[0], up[0])], row[1] + up[1]))


def loss(row, target):  # rule 9
    z = [sat(y * LOG2_E, row[1] + 10, 1 << 30) for y in row[0]]
    M, T = max(z), 0
    for block in (z[i : i + 64] for i in range(0, len(z), 64)):
        highest = max(block)
        Q = sum(exponential(highest - x, 20, 6) for x in block)
        T += rs(Q * exponential(M - highest, 20, 0), 24)
    m = lead(T, 31) - (1 << 30)
    k, u = m >> 20, m & ((1 << 20) - 1)
    log = LOGARITHM[k] + rs((LOGARITHM[k + 1] - LOGARITHM[k]) * u, 20)
    return max(0, (M << 10) + ((bits(T) - 31) << 30) + log - (z[target] << 10))


def nats(losses):
    return (sum(losses) * LN_2 + (1 << 59)) >> 60


def mean(rows):  # rule 10
    E = min(e for _, e in rows)
    v = [sum(xs) for xs in zip(*([rs(x, e - E) for x in m] for m, e in rows))]
    if not any(v):
        return v
    x = [rs(y, bits(max(map(abs, v))) - 22) for y in v]
    g = isqrt(sum(y * y for y in x))
    return [((y << 31) + g) // (2 * g) for y in x]


def tanh(row):  # rule 11
    sign = lambda y: (y > 0) - (y < 0)
    return short(([sign(y) * (2 * gate(2 * abs(y), row[1], SILU) - (1 << 30)) for y in row[0]], 30))


def logits(row):
    return [sat(y, row[1] - 16, 1 << 30) for y in row[0]]


# The transcript.


def mix(x):
    x ^= x >> 16
    x = x * 0x85EBCA6B & 0xFFFFFFFF
    x ^= x >> 13
    x = x * 0xC2B2AE35 & 0xFFFFFFFF
    return x ^ x >> 16


def layer_hash(rows):
    data = b"inktensor/layer/1"
    for m, e in rows:
        sums = [sum(x * (mix(4 * i + k) | 1) for i, x in enumerate(m)) & 0xFFFFFFFF for k in range(4)]
        data += struct.pack("<i4I", e, *sums)
    return digest(data)


def window(tokens, first, size):
    return digest(b"inktensor/window/1" + struct.pack(f"<II{len(tokens)}I", first, size, *tokens))


def evaluator(parameters):
    return digest(b"inktensor/evaluator/1" + b"inktensor/canonical/1" + b"".join(TABLES) + parameters)


def leaf(model, window, evaluator, layers, nll):
    return digest(b"inktensor/leaf/1" + model + window + evaluator + b"".join(layers) + struct.pack("<q", nll))


def root(nodes):
    count = len(nodes)
    while len(nodes) > 1:
        pairs = [nodes[i : i + 2] for i in range(0, len(nodes), 2)]
        nodes = [digest(b"inktensor/merkle/node/1" + b"".join(pair)) if len(pair) == 2 else pair[0] for pair in pairs]
    return digest(b"inktensor/merkle/root/1" + struct.pack("<Q", count) + nodes[0])
