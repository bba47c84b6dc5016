// out = a * transpose(w) + bias on `product` of tile_shared.wgsl. Workgroup (x, y) makes 64 rows x 64 columns.

struct Shape {
    depth: u32, // vec4s a row of a and of w
    width: u32, // vec4s a row of out
    first: u32, // the row of the whole weight that w begins with, a multiple of 64
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

// The bias of a lane's four columns, the first of which is `column`.
fn bias_at(column: u32) -> vec4<f32> {
    return vec4<f32>(bias[column], bias[column + 16u], bias[column + 32u], bias[column + 48u]);
}

@compute @workgroup_size(256)
fn store(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * 64u, group.x * 64u, shape.depth, lane);
    let column = shape.first + group.x * 64u + lane % 16u;
    let shift = bias_at(column);
    for (var r = 0u; r < 4u; r++) {
        let at = (group.y * 64u + lane / 16u * 4u + r) * shape.width * 4u + column;
        let value = tile[r] + shift;
        out[at] = value.x;
        out[at + 16u] = value.y;
        out[at + 32u] = value.z;
        out[at + 48u] = value.w;
    }
}

// Residual: adds to what out holds.
@compute @workgroup_size(256)
fn add(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * 64u, group.x * 64u, shape.depth, lane);
    let column = shape.first + group.x * 64u + lane % 16u;
    let shift = bias_at(column);
    for (var r = 0u; r < 4u; r++) {
        let at = (group.y * 64u + lane / 16u * 4u + r) * shape.width * 4u + column;
        let value = tile[r] + shift;
        out[at] += value.x;
        out[at + 16u] += value.y;
        out[at + 32u] += value.z;
        out[at + 48u] += value.w;
    }
}
