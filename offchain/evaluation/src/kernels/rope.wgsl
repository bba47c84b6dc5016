// Rotates every query and key head in place by its position, Hugging Face's rotate_half convention:
// the pair (i, i + half) of a head turns by position * theta^(-2i / head_dim).
// Angles come as a table of (cos, sin), computed in f64 on the host. One workgroup a row.

struct Shape {
    window: u32, // positions of a window; position = row % window
    heads: u32,  // query heads and key heads together; they lead each row
    pitch: u32,  // floats of a head, padding included
    half: u32,   // head_dim / 2
    stride: u32, // floats a row
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> qkv: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.x;
    let position = row % shape.window;
    for (var i = lane; i < shape.heads * shape.half; i += 64u) {
        let pair = i % shape.half;
        let low = row * shape.stride + (i / shape.half) * shape.pitch + pair;
        let high = low + shape.half;
        let turn = angles[position * shape.half + pair];
        let a = qkv[low];
        let b = qkv[high];
        qkv[low] = a * turn.x - b * turn.y;
        qkv[high] = b * turn.x + a * turn.y;
    }
}
