"""Numbers, weights as integers, tables and angles, after CANONICAL.md alone. Python's integers have no width."""

import math
import struct
from decimal import Decimal, getcontext
from hashlib import blake2b

Z, L = 150, 32639
LOG2_E, LN_2 = 1549082004, 3196577161300663915

getcontext().prec = 40


def rs(x, n):
    return (x + (1 << (n - 1))) >> n if n > 0 else x << -n


def sat(x, n, bound):
    return max(-bound, min(bound, rs(x, n)))


def bits(x):
    return abs(x).bit_length()


def lead(x, n):
    return x >> (bits(x) - n) if bits(x) > n else x << (n - bits(x))


def digest(data):
    return blake2b(data, digest_size=32).digest()


# Rule 0: rounding a row to 16 bits.


def short(row):
    m, e = row
    largest = max(map(abs, m))
    if largest == 0:
        return [0] * len(m), Z
    r = max(0, e - Z)
    while rs(largest, r) > L:
        r += 1
    return [rs(x, r) for x in m], e - r


# Rule 1: weights.


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def taken_apart(value):
    """A finite number as m * 2^x with 53 bits, which are 24 and zeros for an f32."""
    m, x = math.frexp(value)
    return int(m * (1 << 53)), x - 53


def at(weight, s):
    m, x = taken_apart(weight)
    return rs(m, -(x + s))


def vector(weights, bound):
    s = Z
    if any(weights):
        while max(abs(at(weight, s)) for weight in weights) > bound:
            s -= 1
    return [at(weight, s) for weight in weights], s


def table(weights, width):
    return [vector(weights[i : i + width], L) for i in range(0, len(weights), width)]


class Matrix:
    def __init__(self, weights, inputs, bias=None):
        rows = table(weights, inputs)
        self.q = [row for row, _ in rows]
        bounds = [L * sum(map(abs, row)) for row in self.q]
        ceilings = [s - max(0, bits(bound) - 29) for (_, s), bound in zip(rows, bounds) if bound]
        self.c = min(ceilings, default=0)
        self.shifts = [min(s - self.c, 62) if bound else 0 for (_, s), bound in zip(rows, bounds)]
        self.bias = vector(bias, 1 << 28) if bias else None


def epsilon(value):
    m, x = taken_apart(value)
    return (lead(m, 31), 31 - bits(m) - x) if m else (0, 1 << 20)


# Tables, from real numbers of 40 digits.


def entry(x):
    return int((x * (1 << 30)).to_integral_value(rounding="ROUND_HALF_UP"))


def normal(x):
    term = total = x
    odd = 1
    while term > Decimal(10) ** -38:
        odd += 2
        term = term * x * x / odd
        total += term
    return Decimal("0.5") + total * (-x * x / 2).exp() / (2 * PI).sqrt()


def sigmoid(x):
    return 1 / (1 + (-x).exp())


PI = Decimal("3.14159265358979323846264338327950288419716939937510")
LN = Decimal(2).ln()
FINE = [Decimal(k) / 1024 for k in range(1025)]
COARSE = [Decimal(k) / 256 for k in range(4097)]
POWER = [entry((-x * LN).exp()) for x in FINE]
LOGARITHM = [entry((1 + x).ln() / LN) for x in FINE]
SILU = [entry(sigmoid(x)) for x in COARSE]
GELU_ERF = [entry(normal(x)) for x in COARSE]
GELU_TANH = [entry(sigmoid(2 * (2 / PI).sqrt() * (x + Decimal("0.044715") * x**3))) for x in COARSE]
TABLES = [digest(struct.pack(f"<{len(t)}I", *t)) for t in (POWER, LOGARITHM, SILU, GELU_ERF, GELU_TANH)]


def exponential(d, point, drop):
    whole = d >> point
    if whole >= 31:
        return 0
    n = point - 10
    k, u = (d >> n) & 1023, d & ((1 << n) - 1)
    return rs(POWER[k] - rs((POWER[k] - POWER[k + 1]) * u, n), drop + whole)


# Angles.


def power(f):
    product, factor = 1 << 62, 1 << 61
    for k in range(61):
        if f >> (60 - k) & 1:
            product = product * factor >> 62
        factor = math.isqrt(factor << 62)
    return product


def logarithm(x):
    result = 0
    for _ in range(60):
        x = x * x >> 62
        result = result << 1 | x >> 63
        x >>= x >> 63
    return result


def frequencies(theta, head):
    m, x = taken_apart(theta)
    log = ((x + 52) << 60) + logarithm(m << 10)
    exponents = [2 * i * log // head for i in range(head // 2)]
    return [(2935890503282001226 * power(a & ((1 << 60) - 1)) >> 62) >> (a >> 60) for a in exponents]


def angle(frequency, position):
    turn = frequency * position & ((1 << 64) - 1)
    x = (turn & ((1 << 62) - 1)) * 7244019458077122842 >> 62

    def series(term, n):
        total = 0
        while term:
            total += term
            term = -((((term * x) >> 62) * x) >> 62)
            divisor = (n + 1) * (n + 2)
            term = term // divisor if term >= 0 else -(-term // divisor)
            n += 2
        return rs(total, 32)

    cos, sin = series(1 << 62, 0), series(x, 1)
    return [(cos, sin), (-sin, cos), (-cos, -sin), (sin, -cos)][turn >> 62]
