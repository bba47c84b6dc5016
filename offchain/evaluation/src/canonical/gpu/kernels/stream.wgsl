// What stands between two blocks, a row at a time: the stream plus the block's product (rule 4), its fingerprint
// (rule 13), the next block's norm (rule 5) and its rounding to 16 bits (rule 0). The product's row is working memory and
// ends as the norm's. A lane meets the same quadruples of a row in every pass.

const NOWHERE: u32 = 0xffffffffu;
const ABSENT: i32 = 1073741824; // exponent of no product

struct Shape {
    product: Column, // exponent and bias exponent of the product
    norm: Norm,
    rows: u32,
    quads: u32,       // of a row of stream, work and a
    after: u32,       // 1 where the norm's row becomes the stream
    fingerprint: u32, // where this boundary's begin, or NOWHERE
}

struct Fingerprint {
    exponent: i32,
    sums: array<u32, 4>,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read_write> stream: array<vec4<i32>>;
@group(0) @binding(2) var<storage, read_write> exponents: array<vec2<i32>>; // of the stream, of a
@group(0) @binding(3) var<storage, read_write> work: array<vec4<i32>>;
@group(0) @binding(4) var<storage, read> weights: array<vec2<i32>>; // gain and bias of each feature
@group(0) @binding(5) var<storage, read_write> a: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read_write> fingerprints: array<Fingerprint>;

fn rs4(v: vec4<i32>, n: i32) -> vec4<i32> {
    return vec4<i32>(rs32(v.x, n), rs32(v.y, n), rs32(v.z, n), rs32(v.w, n));
}

fn largest4(v: vec4<i32>) -> u32 {
    let m = abs(v);
    return u32(max(max(m.x, m.y), max(m.z, m.w)));
}

// A row less its mean, with padding left at zero.
fn centred(v: vec4<i32>, quad: u32, mean: i32) -> vec4<i32> {
    let inside = vec4<u32>(0u, 1u, 2u, 3u) + 4u * quad < vec4<u32>(shape.norm.features);
    return select(vec4<i32>(0), v - mean, inside);
}

// floor((2 * sum + features) / (2 * features))
fn rounded_mean(sum: Long) -> i32 {
    let x = add(left(sum, 1), vec2<u32>(shape.norm.features, 0u));
    let divisor = 2u * shape.norm.features;
    if negative(x) {
        return -i32(divide(add(negate(x), vec2<u32>(divisor - 1u, 0u)), divisor).x);
    }
    return i32(divide(x, divisor).x);
}

// The murmur3 finaliser, made odd.
fn multiplier(n: u32) -> u32 {
    var h = n;
    h ^= h >> 16u;
    h *= 0x85ebca6bu;
    h ^= h >> 13u;
    h *= 0xc2b2ae35u;
    h ^= h >> 16u;
    return h | 1u;
}

fn multipliers(feature: u32) -> vec4<u32> {
    let n = 4u * feature;
    return vec4<u32>(multiplier(n), multiplier(n + 1u), multiplier(n + 2u), multiplier(n + 3u));
}

fn fingerprint(v: vec4<i32>, quad: u32) -> vec4<u32> {
    let feature = 4u * quad;
    return u32(v.x) * multipliers(feature) + u32(v.y) * multipliers(feature + 1u)
        + u32(v.z) * multipliers(feature + 2u) + u32(v.w) * multipliers(feature + 3u);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let row = row_of(group, index);
    let lane = place_of(index);
    if row >= shape.rows { return; }
    let quads = shape.quads;
    let start = row * quads;

    // The sum, and its renormalisation.
    let stream_exponent = exponents[row].x;
    let product_at = product_exponent(exponents[row].y, shape.product);
    let joint = min(stream_exponent, product_at);
    var most = 0u;
    for (var i = lane; i < quads; i += GROUP) {
        let v = rs4(stream[start + i], stream_exponent - joint) + rs4(work[start + i], product_at - joint);
        stream[start + i] = v;
        most = max(most, largest4(v));
    }
    most = largest_all(vec2<u32>(most, 0u), lane).x;
    let reduction = max(bits32(most) - 29, 0);
    // A norm's row that nothing is added to keeps its exponent even where it is all zeros.
    let exponent = select(joint - reduction, ZERO, most == 0u && shape.product.exponent != ABSENT);
    var sum = NOTHING;
    var sums = vec4<u32>(0u);
    for (var i = lane; i < quads; i += GROUP) {
        let v = rs4(stream[start + i], reduction);
        stream[start + i] = v;
        work[start + i] = v;
        sum = add(sum, add(add(long(v.x), long(v.y)), add(long(v.z), long(v.w))));
        sums += fingerprint(v, i);
    }

    // The norm.
    var kept_exponent = exponent;
    var work_exponent = exponent;
    if shape.norm.kind != NONE {
        var mean = 0;
        if shape.norm.kind == LAYER {
            mean = rounded_mean(sum_all(sum, lane));
        }
        most = 0u;
        for (var i = lane; i < quads; i += GROUP) {
            most = max(most, largest4(centred(stream[start + i], i, mean)));
        }
        most = largest_all(vec2<u32>(most, 0u), lane).x;
        let down = max(bits32(most) - 15, 0);
        var squares = NOTHING;
        for (var i = lane; i < quads; i += GROUP) {
            let x = rs4(centred(stream[start + i], i, mean), down);
            let xx = vec4<u32>(x * x);
            squares = add(squares, vec2<u32>(xx.x, 0u));
            squares = add(squares, vec2<u32>(xx.y, 0u));
            squares = add(squares, vec2<u32>(xx.z, 0u));
            squares = add(squares, vec2<u32>(xx.w, 0u));
        }
        squares = sum_all(squares, lane);
        let scale = scale_of(shape.norm, squares, exponent, down);
        var normed = vec4<u32>(0u);
        for (var i = lane; i < quads; i += GROUP) {
            let x = centred(stream[start + i], i, mean);
            var v: vec4<i32>;
            for (var c = 0u; c < 4u; c++) {
                let weight = weights[4u * i + c];
                let h = normalised(x[c], scale);
                v[c] = rs_to32(times(h, weight.x), shape.norm.gain_shift) + rs32(weight.y, shape.norm.bias_shift);
            }
            work[start + i] = v;
            if shape.after == 1u {
                stream[start + i] = v;
                normed += fingerprint(v, i);
            }
        }
        work_exponent = shape.norm.exponent;
        if shape.after == 1u {
            kept_exponent = shape.norm.exponent;
            sums = normed;
        }
    }
    if shape.fingerprint != NOWHERE {
        sums = sum4_all(sums, lane);
        if lane == 0u {
            fingerprints[shape.fingerprint + row] = Fingerprint(kept_exponent, array<u32, 4>(sums.x, sums.y, sums.z, sums.w));
        }
    }

    // The next product's input.
    most = 0u;
    for (var i = lane; i < quads; i += GROUP) {
        most = max(most, largest4(work[start + i]));
    }
    let largest = largest_all(vec2<u32>(most, 0u), lane);
    let shift = shift_to_16(largest, work_exponent);
    for (var i = lane; i < quads; i += GROUP) {
        a[start + i] = pack(rs4(work[start + i], shift));
    }
    if lane == 0u {
        exponents[row] = vec2<i32>(kept_exponent, exponent_of_16(largest, work_exponent, shift));
    }
}
