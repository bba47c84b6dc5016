// Attention of tokens and a head (rule 7) for CPU-like devices, in two passes over the keys: the largest score, then the
// sums. A lane owns QUERIES neighbouring tokens and walks the keys that any of them sees, so that each key and value that
// it loads serves them all; no barrier. Workgroup (head, y) owns 8 * QUERIES tokens. QUERIES and QUADS, the quadruples
// of a head, are set when the pipeline is made; a line with {n} or {d} then stands for QUERIES or QUADS lines.

const SCORE: i32 = 536870912; // 2^29

// Keys after which carries are taken: the two halves of a weight times a value then add up within 31 bits.
const PART: u32 = 16u;

struct Shape {
    rows: u32,
    heads: u32,
    keys: u32,   // key heads
    head: u32,
    factor: i32, // log2(e) / sqrt(head), with 30 fractional bits
    width: u32,  // numbers a row of out
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec2<u32>>;       // [row][slot][QUADS], slots as in heads.wgsl
@group(0) @binding(2) var<storage, read> head_exponents: array<i32>;
@group(0) @binding(3) var<storage, read> places: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> powers: array<i32>;
@group(0) @binding(5) var<storage, read_write> out: array<i32>;
@group(0) @binding(6) var<storage, read_write> out_exponents: array<i32>; // [row][head]

var<private> queries: array<vec4<i32>, QUERIES * QUADS>;
var<private> query_exponents: array<i32, QUERIES>;

// Of the lane's queries with the key of a slot.
fn scores(slot: u32) -> array<i32, QUERIES> {
    // 16 by 8 bits over at most 256 features: within 31 bits.
    var high: array<i32, QUERIES>;
    var low: array<i32, QUERIES>;
    let k_{d} = a[slot * QUADS + {d}u];
    let high_{d} = limbs(k_{d}.x);
    let low_{d} = limbs(k_{d}.y);
    high[{n}] += dot(queries[{n}u * QUADS + {d}u], high_{d});
    low[{n}] += dot(queries[{n}u * QUADS + {d}u], low_{d});
    let exponent = head_exponents[slot] + 6;
    // The sum with its 8 lowest bits rounded off: only `low` has any.
    var found: array<i32, QUERIES>;
    found[{n}] = score(high[{n}] + rs32(low[{n}], 8), query_exponents[{n}] + exponent);
    return found;
}

fn score(x: i32, n: i32) -> i32 {
    return saturate_to(times_mixed(x, u32(shape.factor)), n, SCORE);
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let head = group.x;
    let row = (group.y * 8u + lane) * QUERIES;
    if row >= shape.rows { return; }
    let last = min(row + QUERIES, shape.rows) - 1u;
    let slots = shape.heads + 2u * shape.keys;
    let key_slot = shape.heads + head / (shape.heads / shape.keys);
    let value_slot = key_slot + shape.keys;
    // A lane with fewer tokens takes its last one twice, and writes it twice.
    let row_{n} = min(row + {n}u, last);
    let slot_{n} = row_{n} * slots + head;
    let sees_{n} = places[row_{n}].yz;
    query_exponents[{n}] = head_exponents[slot_{n}];
    queries[{n}u * QUADS + {d}u] = unpack(a[slot_{n} * QUADS + {d}u]);
    // Tokens of two sequences see no key in common: each key is held against what a query sees.
    let first = sees_0.x;
    var end = 0u;
    end = max(end, sees_{n}.y);

    var most: array<i32, QUERIES>;
    var most_valued: array<i32, QUERIES>;
    most[{n}] = -SCORE;
    most_valued[{n}] = -2147483647;
    for (var j = first; j < end; j++) {
        let found = scores(j * slots + key_slot);
        let back = head_exponents[j * slots + value_slot] << 16u;
        let seen_{n} = j >= sees_{n}.x && j < sees_{n}.y;
        most[{n}] = select(most[{n}], max(most[{n}], found[{n}]), seen_{n});
        most_valued[{n}] = select(most_valued[{n}], max(most_valued[{n}], found[{n}] - back), seen_{n});
    }

    var total: array<Long, QUERIES>;
    var total_valued: array<Long, QUERIES>;
    // Sums of values: top * 2^27 + high * 2^11 + low.
    var top: array<vec4<i32>, QUERIES * QUADS>;
    var high: array<vec4<i32>, QUERIES * QUADS>;
    var low: array<vec4<i32>, QUERIES * QUADS>;
    for (var part = first; part < end; part += PART) {
        for (var j = part; j < min(part + PART, end); j++) {
            let found = scores(j * slots + key_slot);
            let value = j * slots + value_slot;
            let back = head_exponents[value] << 16u;
            let seen_{n} = j >= sees_{n}.x && j < sees_{n}.y;
            let weight_{n} = select(0u, exponential(u32(most_valued[{n}] - found[{n}] + back), 6u, 8), seen_{n});
            let plain_{n} = select(0u, exponential(u32(most[{n}] - found[{n}]), 6u, 8), seen_{n});
            total[{n}] = add(total[{n}], vec2<u32>(plain_{n}, 0u));
            total_valued[{n}] = add(total_valued[{n}], vec2<u32>(weight_{n}, 0u));
            let upper_{n} = i32(weight_{n} >> 11u);
            let lower_{n} = i32(weight_{n} & 2047u);
            let v_{d} = unpack(a[value * QUADS + {d}u]);
            high[{n}u * QUADS + {d}u] += v_{d} * upper_{n};
            low[{n}u * QUADS + {d}u] += v_{d} * lower_{n};
        }
        high[{n}u * QUADS + {d}u] += low[{n}u * QUADS + {d}u] >> vec4<u32>(11u);
        low[{n}u * QUADS + {d}u] &= vec4<i32>(2047);
        top[{n}u * QUADS + {d}u] += high[{n}u * QUADS + {d}u] >> vec4<u32>(16u);
        high[{n}u * QUADS + {d}u] &= vec4<i32>(65535);
    }

    // The mean of the values: both sums of weights cancel but for a factor of less than 2 and a power of two.
    let difference_{n} = most_valued[{n}] - most[{n}];
    let factor_{n} = exponential(65536u - (u32(difference_{n}) & 65535u), 6u, 0);
    let share_{n} = divide(left(vec2<u32>(factor_{n}, 0u), 31), leading31(total[{n}])).x;
    let reduction_{n} = max(bits(total_valued[{n}]) - 15, 0);
    out_exponents[row_{n} * shape.heads + head] = bits(total[{n}]) - 2 - reduction_{n} - (difference_{n} >> 16u);
    let rest_{n}_{d} = (high[{n}u * QUADS + {d}u] << vec4<u32>(11u)) | low[{n}u * QUADS + {d}u];
    let mean_{n}_{d} = Mean(top[{n}u * QUADS + {d}u], rest_{n}_{d}, reduction_{n}, share_{n});
    store(mean_{n}_{d}, row_{n} * shape.width + head * shape.head, {d}u);
}

// A quadruple of features: its sums are top * 2^27 + rest.
struct Mean {
    top: vec4<i32>,
    rest: vec4<i32>,
    reduction: i32,
    share: u32,
}

fn store(mean: Mean, start: u32, quad: u32) {
    for (var c = 0u; c < 4u; c++) {
        if 4u * quad + c < shape.head {
            let sum = add(left(long(mean.top[c]), 27), long(mean.rest[c]));
            out[start + 4u * quad + c] = rs_to32(times_mixed(rs_to32(sum, mean.reduction), mean.share), 31);
        }
    }
}
