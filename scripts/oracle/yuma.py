#!/usr/bin/env python3
"""Yuma epoch in exact integers, written apart from the Rust crate and for reading: the oracle the crate is checked with.

Numbers are signed I32F32, held as Python integers scaled by 2^32, rounded as subtensor rounds them. Matrices are lists
of {uid: value} rows, so that an absent entry and a zero one differ, as they do in subtensor's sparse epoch.

    yuma.py epoch < INPUTS          reads one epoch's inputs as JSON, writes its outputs
    yuma.py cases COUNT [SEED]      writes COUNT random cases, one JSON object {id, inputs, outputs} a line
    yuma.py sample [SEED]           writes a few hundred small cases that together touch every branch
"""

import json
import math
import random
import sys
from fractions import Fraction

ONE = 1 << 32
FULL = 65535
LARGEST = (1 << 63) - 1


# --- fixed point -----------------------------------------------------------------------------------------------------


def saturate(x):
    return max(-LARGEST - 1, min(LARGEST, x))


def mul(a, b):
    """Product, rounded toward minus infinity."""
    return saturate((a * b) >> 32)


def div(a, b):
    """Quotient, truncated; zero when it does not exist or does not fit."""
    if b == 0:
        return 0
    quotient = (abs(a) << 32) // abs(b)
    quotient = quotient if (a < 0) == (b < 0) else -quotient
    return quotient if -LARGEST - 1 <= quotient <= LARGEST else 0


def fraction(proportion):
    """The fraction that a stored u16 stands for."""
    return div(proportion << 32, FULL << 32)


def proportion(x):
    """The u16 to store for a fraction."""
    return max(0, min(FULL, mul(x, FULL << 32) >> 32))


def normalize(values):
    total = sum(values)
    return [div(x, total) for x in values] if total else list(values)


# --- vectors and columns ---------------------------------------------------------------------------------------------


def top_k_nonzero(values, k):
    """Marks the k highest nonzero values; of equal ones the higher index survives."""
    order = sorted(range(len(values)), key=lambda i: values[i])  # stable
    dropped = set(order[: max(0, len(values) - k)])
    return [x != 0 and i not in dropped for i, x in enumerate(values)]


def weighted_median(ballots, minority):
    """The lowest score whose stake, with all lower scores', exceeds the minority; else the highest score."""
    below = 0
    for score, stake in sorted(ballots):
        below += stake
        if below > minority:
            return score
    return max((score for score, _ in ballots), default=0)


def consensus_of(weights, stake, n, kappa):
    voters = [i for i, s in enumerate(stake) if s > 0]
    votes = normalize([stake[i] for i in voters])
    minority = sum(votes) - kappa
    return [weighted_median([(weights[i].get(j, 0), v) for i, v in zip(voters, votes)], minority) for j in range(n)]


def column_totals(rows, n, join):
    totals = [0] * n
    for row in rows:
        for j, x in row.items():
            totals[j] = join(totals[j], x)
    return totals


def divide_columns(rows, totals):
    return [{j: div(x, totals[j]) if totals[j] else x for j, x in row.items()} for row in rows]


def normalize_columns(rows, n):
    return divide_columns(rows, column_totals(rows, n, lambda a, b: saturate(a + b)))


# --- bonds -----------------------------------------------------------------------------------------------------------


def moving_average(new, old, alpha):
    """alpha * new + (1 - alpha) * old, an absent entry counting as zero; zeros are not kept."""
    rows = []
    for fresh, kept in zip(new, old):
        row = {j: mul(alpha, fresh.get(j, 0)) + mul(ONE - alpha, kept.get(j, 0)) for j in sorted(fresh.keys() | kept.keys())}
        rows.append({j: x for j, x in row.items() if x > 0})
    return rows


def logistic(exponent):
    """1 / (1 + e^exponent). The one place with floats: results may differ in the last bits, not by more than 1e-4."""
    exponent = max(-20 * ONE, min(20 * ONE, exponent))
    return div(ONE, ONE + round(Fraction(math.exp(exponent / ONE)) * ONE))


def liquid_rate(consensus, weight, bond, low, high, steepness):
    departure = weight - consensus if weight >= bond else bond - weight
    departure = max(0, min(ONE, departure))
    sigmoid = logistic(mul(div(steepness << 32, -100 << 32), departure - ONE // 2))
    return max(low, min(high, low + mul(sigmoid, high - low)))


def liquid_average(weights, old, consensus, low, high, steepness):
    """As moving_average, at a rate of its own for each entry; an old bond without a new weight is dropped."""
    rows = []
    for fresh, kept in zip(weights, old):
        row = {}
        for j, weight in fresh.items():
            bond = kept.get(j, 0)
            alpha = liquid_rate(consensus[j], weight, bond, low, high, steepness)
            row[j] = min(mul(ONE - alpha, bond) + mul(alpha, weight), ONE)
        rows.append({j: x for j, x in row.items() if x > 0})
    return rows


def penalise(weights, clipped, penalty):
    """Weights that buy bonds: between the weights and the clipped ones."""
    if penalty == 0:
        return weights
    if penalty == ONE:
        return clipped
    rows = []
    for full, cut in zip(weights, clipped):
        row = {j: x + mul(penalty, cut.get(j, 0) - x) for j, x in full.items()}
        rows.append({j: x for j, x in row.items() if x > 0})
    return rows


# --- the epoch -------------------------------------------------------------------------------------------------------


def epoch(inputs):
    n = inputs["n"]
    owner = inputs.get("owner_uid")
    updated, registered = inputs["last_update"], inputs["block_at_registration"]
    committed = inputs.get("weights_block") or [None] * n

    threshold = inputs.get("stake_threshold", 0)
    counted = [s if s >= threshold or i == owner else 0 for i, s in enumerate(inputs["stake"])]
    total = sum(counted)
    stake = [((s << 64) // total) >> 32 if total else 0 for s in counted]
    permit = [bool(p) or i == owner for i, p in enumerate(inputs["validator_permit"])]
    new_permit = [p or i == owner for i, p in enumerate(top_k_nonzero(stake, inputs["max_validators"]))]
    active = [u + inputs["activity_cutoff"] >= inputs["current_block"] for u in updated]
    active_stake = normalize([s if a and p else 0 for s, a, p in zip(stake, active, permit)])

    def counts(i, j):
        knew = committed[i] is None or committed[i] >= registered[j]
        return permit[i] and (i != j or i == owner) and updated[i] > registered[j] and knew

    weights = []
    for i, row in enumerate(inputs["weights"]):
        row = {j: w << 32 for j, w in row if counts(i, j)}
        total = sum(row.values())
        weights.append({j: div(w, total) if total else w for j, w in row.items()})

    consensus = consensus_of(weights, active_stake, n, fraction(inputs["kappa_u16"]))
    clipped = [{j: min(w, consensus[j]) for j, w in row.items() if consensus[j] or not w} for row in weights]
    trust = [sum(row.values()) for row in clipped]
    rank = [0] * n
    for stake_i, row in zip(active_stake, clipped):
        for j, w in row.items():
            rank[j] += mul(stake_i, w)
    incentive = normalize(rank)

    buying = penalise(weights, clipped, fraction(inputs["bonds_penalty_u16"]))
    old = [{j: b << 32 for j, b in row if registered[j] < inputs["last_tempo_block"]} for row in inputs["bonds"]]
    alpha = ONE - (((inputs["bonds_moving_average"] << 64) // 1_000_000) >> 32)
    if inputs.get("yuma3"):
        old = [{j: div(b, FULL << 32) for j, b in row.items()} for row in old]
        if inputs.get("liquid_alpha") and any(consensus):
            low, high = fraction(inputs["alpha_low_u16"]), fraction(inputs["alpha_high_u16"])
            bonds = liquid_average(buying, old, consensus, low, high, inputs["alpha_sigmoid_steepness"])
        else:
            bonds = moving_average(buying, old, alpha)
        earned = [sum(mul(b, incentive[j]) for j, b in row.items()) for row in normalize_columns(bonds, n)]
        dividends = normalize([mul(e, s) for e, s in zip(earned, active_stake)])
    else:
        bought = [{j: mul(w, s) for j, w in row.items()} for row, s in zip(buying, active_stake)]
        bonds = moving_average(normalize_columns(bought, n), normalize_columns(old, n), alpha)
        bonds = normalize_columns(bonds, n)
        dividends = normalize([sum(mul(b, incentive[j]) for j, b in row.items()) for row in bonds])
        bonds = divide_columns(bonds, column_totals(bonds, n, max))

    combined = [i + d for i, d in zip(incentive, dividends)]
    total = sum(combined)
    if total:
        server, validator, both = ([div(x, total) for x in shares] for shares in (incentive, dividends, combined))
    else:
        server = incentive
        validator = both = active_stake if any(active_stake) else stake

    def emitted(shares):
        return [(x * inputs["emission"]) >> 32 for x in shares]

    return {
        "u16": {
            "consensus": [proportion(x) for x in consensus],
            "validator_trust": [proportion(x) for x in trust],
            "incentive": [proportion(x) for x in incentive],
            "dividends": [proportion(x) for x in dividends],
            "stake_weight": [proportion(x) for x in stake],
        },
        "server_emission": emitted(server),
        "validator_emission": emitted(validator),
        "combined_emission": emitted(both),
        "bonds_u16": [[[j, proportion(b)] for j, b in sorted(row.items())] if p else [] for row, p in zip(bonds, new_permit)],
        "new_validator_permit": [int(p) for p in new_permit],
    }


# --- random cases ----------------------------------------------------------------------------------------------------


def upscaled(row):
    """A row as it is stored: the highest weight becomes 65535."""
    highest = max((w for _, w in row), default=0)
    return [[j, (2 * w * FULL + highest) // (2 * highest)] for j, w in row] if highest else row


def random_row(rng, n, raw):
    """A sparse row: empty, uniform, tied, zero, dominated by one uid, or anything."""
    kind = rng.choice(["empty", "zeros", "uniform", "uniform", "tied", "tied", "one", "any", "any", "any", "any"])
    if kind == "empty":
        return []
    uids = sorted(rng.sample(range(n), rng.randint(1, n)))
    values = {
        "uniform": lambda: FULL,
        "tied": lambda: rng.choice([0, 1, 2, 2, 3]),
        "zeros": lambda: 0,
        "one": lambda: rng.choice([1, 1, 1, FULL]),
        "any": lambda: rng.choice([rng.randint(0, FULL), rng.randint(0, 20)]),
    }[kind]
    row = [[j, values()] for j in uids]
    return row if raw else upscaled(row)


def random_inputs(rng, n, validators):
    """Inputs of one epoch. Every feature is absent in some cases and present in others."""
    now = rng.randint(1, 20_000)
    moments = [0, now] + [rng.randint(0, now) for _ in range(3)]  # few, so that events often share a block
    cutoff = rng.choice([0, now - rng.choice(moments), 20_000, 20_000])
    unit = rng.choice([1, 1, 10**9, 10**15])
    tied_stake = rng.random() < 0.3
    stake = [(rng.choice([0, 1, 2]) if tied_stake else rng.choice([0, rng.randint(0, 1000)])) * unit for _ in range(n)]
    holders = set(rng.sample(range(n), validators))
    stale = rng.choice([0.0, 0.0, 0.1, 0.5])
    updated = [rng.choice(moments) if rng.random() < stale else now for _ in range(n)]
    young = rng.choice([0.0, 0.0, 0.1, 0.5])
    registered = [rng.choice(moments) if rng.random() < young else 0 for _ in range(n)]
    kin = rng.random() < 0.4  # validators that copy one another
    leader = random_row(rng, n, raw=False)

    def weights(i):
        if i not in holders and rng.random() < 0.8:
            return []
        return leader if kin and rng.random() < 0.7 else random_row(rng, n, raw=rng.random() < 0.2)

    inputs = {
        "n": n,
        "current_block": now,
        "activity_cutoff": cutoff,
        "stake": stake,
        "last_update": updated,
        "block_at_registration": registered,
        "validator_permit": [int(i in holders and rng.random() < 0.95) for i in range(n)],
        "max_validators": rng.choice([1, max(1, validators // 2), validators, 64, n]),
        "owner_uid": rng.choice([None, None, rng.randrange(n)]),
        "stake_threshold": rng.choice([0, 0, unit, 300 * unit]),
        "weights": [weights(i) for i in range(n)],
        "bonds": [random_row(rng, n, raw=True) if i in holders and rng.random() < 0.8 else [] for i in range(n)],
        "last_tempo_block": rng.choice([now, rng.choice(moments)]),
        "kappa_u16": rng.choice([32767, 32767, 0, FULL, rng.randint(0, FULL)]),
        "bonds_moving_average": rng.choice([900_000, 975_000, 0, 1_000_000, rng.randint(0, 1_000_000)]),
        "bonds_penalty_u16": rng.choice([0, FULL, rng.randint(0, FULL), rng.randint(0, FULL)]),
        "yuma3": rng.random() < 0.6,
        "liquid_alpha": rng.random() < 0.6,
        "emission": rng.choice([1, 10**9, rng.randint(0, 10**15), 2**64 - 1, 2**64 - 1]),
    }
    if inputs["liquid_alpha"]:
        low, high = sorted([rng.randint(0, FULL), rng.randint(0, FULL)])
        inputs |= {"alpha_low_u16": low, "alpha_high_u16": high}
        inputs["alpha_sigmoid_steepness"] = rng.choice([1000, 0, -1000, rng.randint(-32768, 32767)])
    if rng.random() < 0.2:
        inputs["weights_block"] = [rng.choice([None, rng.choice(moments)]) for _ in range(n)]
    return inputs


def random_shape(rng, index):
    """Mostly small, up to 64 uids; one case in a thousand is a full subnet of 64 validators and 256 uids."""
    if index % 1000 == 999:
        return 256, 64
    n = rng.choice([rng.randint(1, 8), rng.randint(1, 24), rng.randint(1, 64)])
    return n, rng.randint((n + 2) // 3, n)


def write_cases(count, seed, shape):
    rng = random.Random(seed)
    for index in range(count):
        inputs = random_inputs(rng, *shape(rng, index))
        case = {"id": f"random_{seed}_{index}", "inputs": inputs, "outputs": epoch(inputs)}
        print(json.dumps(case, separators=(",", ":")))


def main(arguments):
    match arguments:
        case ["epoch"]:
            print(json.dumps(epoch(json.load(sys.stdin))))
        case ["cases", count, *seed] if len(seed) <= 1:
            write_cases(int(count), int(seed[0]) if seed else 1, random_shape)
        case ["sample", *seed] if len(seed) <= 1:
            write_cases(200, int(seed[0]) if seed else 11, lambda rng, _: ((n := rng.randint(1, 8)), rng.randint((n + 2) // 3, n)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
