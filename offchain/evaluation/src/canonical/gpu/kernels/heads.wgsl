// Queries, keys and values of a token, a head at a time: norm (rule 5), rotation and rounding to 16 bits (rule 6).
// A slot is a head: the query heads, then the key heads, then the value heads.

const VALUE: u32 = 2u;

struct Shape {
    products: array<Column, 3>, // exponents of queries, keys and values
    norms: array<Norm, 2>,      // of queries and keys
    rows: u32,
    queries: u32, // slots that are query heads
    keys: u32,    // slots that are key heads, and as many value heads
    head: u32,
    quads: u32,   // of a slot of a
    width: u32,   // numbers a row of work
    rotary: u32,  // 1 where queries and keys turn
    unused: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> exponents: array<vec2<i32>>; // of the stream, of the products' input
@group(0) @binding(2) var<storage, read> work: array<i32>;
@group(0) @binding(3) var<storage, read> places: array<vec4<u32>>; // of each row: position, first and end of the visible
@group(0) @binding(4) var<storage, read> turns: array<vec2<i32>>;  // cosine and sine, with 30 fractional bits
@group(0) @binding(5) var<storage, read> gains: array<i32>;        // of queries, then of keys
@group(0) @binding(6) var<storage, read_write> a: array<vec2<u32>>;
@group(0) @binding(7) var<storage, read_write> head_exponents: array<i32>;

struct Head {
    start: u32, // in work
    kind: u32,
    normed: bool,
    scale: Scale,
    position: u32,
}

fn straight(head: Head, i: u32) -> i32 {
    let x = work[head.start + i];
    if !head.normed { return x; }
    let gain = gains[head.kind * shape.head + i];
    return rs_to32(times(normalised(x, head.scale), gain), shape.norms[head.kind].gain_shift);
}

fn turned(head: Head, i: u32) -> i32 {
    if shape.rotary == 0u || head.kind == VALUE { return straight(head, i); }
    let half = shape.head / 2u;
    let pair = i % half;
    let turn = turns[head.position * half + pair];
    let x = straight(head, pair);
    let y = straight(head, pair + half);
    if i < half {
        return rs_to32(subtract(times(x, turn.x), times(y, turn.y)), 30);
    }
    return rs_to32(add(times(y, turn.x), times(x, turn.y)), 30);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let slots = shape.queries + 2u * shape.keys;
    let item = row_of(group, index);
    let lane = place_of(index);
    if item >= shape.rows * slots { return; }
    let row = item / slots;
    let slot = item % slots;
    var head: Head;
    head.start = row * shape.width + slot * shape.head;
    head.kind = u32(slot >= shape.queries) + u32(slot >= shape.queries + shape.keys);
    head.position = places[row].x;
    var exponent = product_exponent(exponents[row].y, shape.products[head.kind]);

    if head.kind != VALUE && shape.norms[head.kind].kind != NONE {
        var most = 0u;
        for (var i = lane; i < shape.head; i += GROUP) {
            most = max(most, magnitude32(work[head.start + i]));
        }
        most = largest_all(vec2<u32>(most, 0u), lane).x;
        let down = max(bits32(most) - 15, 0);
        var squares = NOTHING;
        for (var i = lane; i < shape.head; i += GROUP) {
            let x = rs32(work[head.start + i], down);
            squares = add(squares, vec2<u32>(u32(x * x), 0u));
        }
        head.scale = scale_of(shape.norms[head.kind], sum_all(squares, lane), exponent, down);
        head.normed = true;
        exponent = shape.norms[head.kind].exponent;
    }

    var most = 0u;
    for (var i = lane; i < shape.head; i += GROUP) {
        most = max(most, magnitude32(turned(head, i)));
    }
    let largest = largest_all(vec2<u32>(most, 0u), lane);
    let shift = shift_to_16(largest, exponent);
    for (var quad = lane; quad < shape.quads; quad += GROUP) {
        var q = vec4<i32>(0);
        for (var c = 0u; c < 4u; c++) {
            if 4u * quad + c < shape.head {
                q[c] = rs32(turned(head, 4u * quad + c), shift);
            }
        }
        a[item * shape.quads + quad] = pack(q);
    }
    if lane == 0u {
        head_exponents[item] = exponent_of_16(largest, exponent, shift);
    }
}
