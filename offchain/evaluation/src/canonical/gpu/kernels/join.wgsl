// The heads of a token as one row of 16 bits, at the smallest exponent of a head that is not zero (rule 7).

struct Shape {
    rows: u32,
    heads: u32,
    head: u32,
    width: u32, // numbers a row of work
    quads: u32, // of a row of a
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> work: array<i32>;
@group(0) @binding(2) var<storage, read> head_exponents: array<i32>; // [row][head]
@group(0) @binding(3) var<storage, read_write> a: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read_write> exponents: array<vec2<i32>>;

const BASE: i32 = 1073741824; // above every exponent

fn aligned(row: u32, i: u32, exponent: i32) -> i32 {
    if i >= shape.heads * shape.head { return 0; }
    let shift = head_exponents[row * shape.heads + i / shape.head] - exponent;
    // Only a head of zeros has a smaller exponent.
    return rs32(work[row * shape.width + i], max(shift, 0));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let row = row_of(group, index);
    let lane = place_of(index);
    if row >= shape.rows { return; }
    let count = shape.heads * shape.head;
    var depth = 0u;
    for (var i = lane; i < count; i += GROUP) {
        if work[row * shape.width + i] != 0 {
            depth = max(depth, u32(BASE - head_exponents[row * shape.heads + i / shape.head]));
        }
    }
    let exponent = BASE - i32(largest_all(vec2<u32>(depth, 0u), lane).x);
    var most = 0u;
    for (var i = lane; i < count; i += GROUP) {
        most = max(most, magnitude32(aligned(row, i, exponent)));
    }
    let largest = largest_all(vec2<u32>(most, 0u), lane);
    let shift = shift_to_16(largest, exponent);
    for (var quad = lane; quad < shape.quads; quad += GROUP) {
        var q: vec4<i32>;
        for (var c = 0u; c < 4u; c++) {
            q[c] = rs32(aligned(row, 4u * quad + c, exponent), shift);
        }
        a[row * shape.quads + quad] = pack(q);
    }
    if lane == 0u {
        exponents[row].y = exponent_of_16(largest, exponent, shift);
    }
}
