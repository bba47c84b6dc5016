// out[sequence] = mean of the rows of x in the sequence's range. Workgroup (x, y) makes vec4s 64x..64x+64 of sequence y.

struct Shape {
    width: u32, // vec4s a row
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> ranges: array<vec2<u32>>; // first row, and the one behind the last
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let column = group.x * 64u + lane;
    if column >= shape.width {
        return;
    }
    let range = ranges[group.y];
    var sum = vec4<f32>();
    for (var row = range.x; row < range.y; row++) {
        sum += x[row * shape.width + column];
    }
    out[group.y * shape.width + column] = sum / f32(range.y - range.x);
}
