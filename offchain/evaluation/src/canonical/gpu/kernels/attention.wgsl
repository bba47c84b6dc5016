// Attention of a token and head (rule 7), in two passes over the keys: the largest score, then the sums. A block of
// weights is shared by the lanes; a lane sums quadruples of features over a part of each block's keys, at most 16 of
// them, so that the two halves of a weight times a value add up within 31 bits.

const SCORE: i32 = 536870912; // 2^29

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

var<workgroup> sums: array<array<Long, 4>, QUADS * PARTS>; // [part][quadruple]
var<workgroup> weights: array<u32, 16u * PARTS>;           // of a block of keys

var<private> query: array<vec2<u32>, QUADS>;

fn score(key: u32, exponent: i32) -> i32 {
    var high = 0;
    var mixed = 0;
    var low = 0;
    for (var i = 0u; i < QUADS; i++) {
        let q = query[i];
        let k = a[key * QUADS + i];
        high += dot4I8Packed(q.x, k.x);
        mixed += dot4I8Packed(q.x, k.y) + dot4I8Packed(q.y, k.x);
        low += dot4I8Packed(q.y, k.y);
    }
    // The sum with its 8 lowest bits rounded off: only `low` has any.
    let rounded = 256 * high + mixed + rs32(low, 8);
    return saturate_to(times(rounded, shape.factor), exponent + head_exponents[key] + 6, SCORE);
}

fn ordered(x: i32) -> Long {
    return vec2<u32>(u32(x) ^ 0x80000000u, 0u);
}

fn unordered(x: Long) -> i32 {
    return i32(x.x ^ 0x80000000u);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let item = row_of(group, index);
    let lane = place_of(index);
    if item >= shape.rows * shape.heads { return; }
    let row = item / shape.heads;
    let head = item % shape.heads;
    let slots = shape.heads + 2u * shape.keys;
    let key_slot = shape.heads + head / (shape.heads / shape.keys);
    let value_slot = key_slot + shape.keys;
    let first = places[row].y;
    let end = places[row].z;
    for (var i = 0u; i < QUADS; i++) {
        query[i] = a[(row * slots + head) * QUADS + i];
    }
    let exponent = head_exponents[row * slots + head];

    var most = -SCORE;
    var most_valued = -2147483647;
    for (var j = first + lane; j < end; j += GROUP) {
        let s = score(j * slots + key_slot, exponent);
        most = max(most, s);
        most_valued = max(most_valued, s - (head_exponents[j * slots + value_slot] << 16u));
    }
    most = unordered(largest_all(ordered(most), lane));
    most_valued = unordered(largest_all(ordered(most_valued), lane));

    var total = NOTHING;
    var total_valued = NOTHING;
    for (var i = lane; i < QUADS * PARTS; i += GROUP) {
        sums[i] = array<Long, 4>(NOTHING, NOTHING, NOTHING, NOTHING);
    }
    for (var base = first; base < end; base += 16u * PARTS) {
        let count = min(16u * PARTS, end - base);
        for (var j = lane; j < count; j += GROUP) {
            let key = (base + j) * slots;
            let s = score(key + key_slot, exponent);
            let valued = s - (head_exponents[key + value_slot] << 16u);
            let weight = exponential(u32(most_valued - valued), 6u, 8);
            weights[j] = weight;
            total = add(total, vec2<u32>(exponential(u32(most - s), 6u, 8), 0u));
            total_valued = add(total_valued, vec2<u32>(weight, 0u));
        }
        workgroupBarrier();
        for (var i = lane; i < QUADS * PARTS; i += GROUP) {
            let quad = i % QUADS;
            var high = vec4<i32>(0);
            var low = vec4<i32>(0);
            for (var j = i / QUADS; j < count; j += PARTS) {
                let value = unpack(a[((base + j) * slots + value_slot) * QUADS + quad]);
                high += value * i32(weights[j] >> 11u);
                low += value * i32(weights[j] & 2047u);
            }
            for (var c = 0u; c < 4u; c++) {
                sums[i][c] = add(sums[i][c], add(shifted(high[c]), long(low[c])));
            }
        }
        workgroupBarrier();
    }
    total = sum_all(total, lane);
    total_valued = sum_all(total_valued, lane);

    // The mean of the values: both sums of weights cancel but for a factor of less than 2 and a power of two.
    let difference = most_valued - most;
    let factor = exponential(65536u - (u32(difference) & 65535u), 6u, 0);
    let share = divide(left(vec2<u32>(factor, 0u), 31), leading31(total)).x;
    let reduction = max(bits(total_valued) - 15, 0);
    for (var i = lane; i < shape.head; i += GROUP) {
        var sum = NOTHING;
        for (var part = 0u; part < PARTS; part++) {
            sum = add(sum, sums[part * QUADS + i / 4u][i % 4u]);
        }
        out[row * shape.width + head * shape.head + i] = rs_to32(times_mixed(rs_to32(sum, reduction), share), 31);
    }
    if lane == 0u {
        out_exponents[item] = bits(total) - 2 - reduction - (difference >> 16u);
    }
}

// x * 2^11
fn shifted(x: i32) -> Long {
    return left(long(x), 11);
}
