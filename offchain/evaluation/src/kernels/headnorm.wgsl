// Norms the query and key heads of a row in place: head = head / sqrt(mean(head^2) + epsilon) * gain.
// Workgroup (head, y) treats rows 64y..64y+64, a row to each lane. A head whose squares overflow becomes NaN.
// The loops end with `gain`, see rmsnorm.wgsl.

struct Shape {
    heads: u32,    // query heads
    keys: u32,     // key heads, behind the query heads
    pitch: u32,    // floats of a head, padding included
    head: u32,     // true floats of a head
    stride: u32,   // floats a row
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> gain: array<vec4<f32>>; // of a query head, then of a key head
@group(0) @binding(2) var<storage, read_write> qkv: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let width = arrayLength(&gain) / 2u;
    let start = (group.y * 64u + lane) * (shape.stride / 4u) + group.x * width;
    var sum = 0.0;
    for (var i = 0u; i < width; i++) {
        let v = qkv[start + i];
        sum += dot(v, v);
    }
    var scale = inverseSqrt(sum / f32(shape.head) + shape.epsilon);
    if !finite(sum) {
        scale = poison(sum);
    }
    let gains = select(0u, width, group.x >= shape.heads);
    for (var i = 0u; i < width; i++) {
        qkv[start + i] = qkv[start + i] * scale * gain[gains + i];
    }
}
