// out[row] = table[tokens[row]]; one workgroup a row.

struct Shape {
    width: u32, // vec4s a row
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> table: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.x;
    let source = tokens[row] * shape.width;
    for (var i = lane; i < shape.width; i += 64u) {
        out[row * shape.width + i] = table[source + i];
    }
}
