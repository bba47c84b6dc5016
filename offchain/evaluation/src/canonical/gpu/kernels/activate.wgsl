// The feed-forward layer's function (rule 8), times what it gates, rounded to 16 bits.

const RELU: u32 = 0u;
const UNITY: i32 = 1073741824; // 1 with 30 fractional bits
const END: i32 = 1048576;      // 16 with 16 fractional bits: from there on the function's factor is 1

struct Shape {
    source: Column,    // exponents of what the function is taken of
    gated: Column, // exponents of what it gates
    rows: u32,
    inner: u32,    // numbers of a row that count
    gates: u32,    // 1 where the function of the first `inner` numbers gates the next
    function: u32, // 0 for relu, 1 for the table's
    width: u32,    // numbers a row of work
    quads: u32,    // of a row of a
    unused0: u32,
    unused1: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> work: array<i32>;
@group(0) @binding(2) var<storage, read> factors: array<i32>; // the function of x over x, for x = k/256
@group(0) @binding(3) var<storage, read_write> a: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read_write> exponents: array<vec2<i32>>;

fn factor(y: i32, exponent: i32) -> i32 {
    let x = saturate_to(vec2<u32>(magnitude32(y), 0u), exponent - 16, END);
    var v = UNITY;
    if x < END {
        let k = u32(x) >> 8u;
        v = factors[k] + rs_to32(times(factors[k + 1u] - factors[k], x & 255), 8);
    }
    return select(v, UNITY - v, y < 0);
}

fn activated(row: u32, i: u32, exponent: i32) -> Long {
    if i >= shape.inner { return NOTHING; }
    let at = row * shape.width + i;
    let y = work[at];
    if shape.function == RELU {
        let positive = max(y, 0);
        if shape.gates == 0u { return long(positive); }
        return times(positive, work[at + shape.inner]);
    }
    let product = times(y, factor(y, exponent));
    if shape.gates == 0u { return product; }
    return times(rs_to32(product, 30), work[at + shape.inner]);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let row = row_of(group, index);
    let lane = place_of(index);
    if row >= shape.rows { return; }
    let source = product_exponent(exponents[row].y, shape.source);
    var exponent = source;
    if shape.gates == 1u {
        exponent += product_exponent(exponents[row].y, shape.gated);
    } else if shape.function != RELU {
        exponent += 30;
    }
    var most = NOTHING;
    for (var i = lane; i < shape.inner; i += GROUP) {
        most = larger(most, magnitude(activated(row, i, source)));
    }
    most = largest_all(most, lane);
    let shift = shift_to_16(most, exponent);
    for (var quad = lane; quad < shape.quads; quad += GROUP) {
        var q: vec4<i32>;
        for (var c = 0u; c < 4u; c++) {
            q[c] = rs_to32(activated(row, 4u * quad + c, source), shift);
        }
        a[row * shape.quads + quad] = pack(q);
    }
    meet();
    if lane == 0u {
        exponents[row].y = exponent_of_16(most, exponent, shift);
    }
}
