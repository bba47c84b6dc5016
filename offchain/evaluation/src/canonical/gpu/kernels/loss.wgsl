// Negative log-likelihood of each row's target in bits, with 30 fractional bits, from the blocks (rule 9).

struct Shape {
    rows: u32,
    blocks: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> parts: array<vec2<i32>>; // largest, sum
@group(0) @binding(2) var<storage, read> logits: array<i32>;
@group(0) @binding(3) var<storage, read> powers: array<i32>;
@group(0) @binding(4) var<storage, read> logarithms: array<i32>;
@group(0) @binding(5) var<storage, read_write> losses: array<vec2<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    if row >= shape.rows { return; }
    let start = row * shape.blocks;
    var most = parts[start].x;
    for (var i = 1u; i < shape.blocks; i++) {
        most = max(most, parts[start + i].x);
    }
    var total = NOTHING;
    for (var i = 0u; i < shape.blocks; i++) {
        let part = parts[start + i];
        total = add(total, rs(times_unsigned(u32(part.y), exponential(u32(most - part.x), 10u, 0)), 24));
    }
    let fraction = leading31(total) - 1073741824u;
    let k = fraction >> 20u;
    let step = times(logarithms[k + 1u] - logarithms[k], i32(fraction & 1048575u));
    // Up to 2^31, as logits are saturated at both ends.
    var loss = left(vec2<u32>(u32(most - logits[row]), 0u), 10);
    loss = add(loss, left(long(bits(total) - 31), 30));
    loss = add(loss, add(long(logarithms[k]), rs(step, 20)));
    losses[row] = select(loss, NOTHING, negative(loss));
}
