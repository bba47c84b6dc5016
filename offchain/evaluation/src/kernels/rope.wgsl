// Rotates every query and key head in place by its place in its sequence, Hugging Face's rotate_half convention:
// the pair (i, i + half) of a head turns by place * theta^(-2i / head_dim).
// Angles come as a table of (cos, sin), computed in f64 on the host. Workgroup (x, y) treats row 64y + x.

struct Shape {
    heads: u32,    // query heads
    keys: u32,     // key heads, behind the query heads
    pitch: u32,    // floats of a head, padding included
    head: u32,     // true floats of a head
    stride: u32,   // floats a row
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> places: array<u32>;
@group(0) @binding(3) var<storage, read_write> qkv: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.y * 64u + group.x;
    let half = shape.head / 2u;
    let turns = places[row] * half;
    for (var i = lane; i < (shape.heads + shape.keys) * half; i += 64u) {
        let pair = i % half;
        let low = row * shape.stride + (i / half) * shape.pitch + pair;
        let high = low + half;
        let turn = angles[turns + pair];
        let a = qkv[low];
        let b = qkv[high];
        qkv[low] = a * turn.x - b * turn.y;
        qkv[high] = b * turn.x + a * turn.y;
    }
}
