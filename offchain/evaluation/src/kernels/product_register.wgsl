// out = a * transpose(w) + bias on `product` of tile_register.wgsl. Workgroup (x, y) makes 64 rows x 8 columns.

struct Shape {
    depth: u32, // vec4s a row of a and of w
    width: u32, // vec4s a row of out
    first: u32, // the row of the whole weight that w begins with, a multiple of 8
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(8)
fn store(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.y * 64u + lane * 8u;
    let tile = product(row, group.x * 8u, shape.depth);
    let column = shape.first / 4u + group.x * 2u;
    for (var r = 0u; r < 8u; r++) {
        let at = (row + r) * shape.width + column;
        out[at] = tile.low[r] + bias[column];
        out[at + 1u] = tile.high[r] + bias[column + 1u];
    }
}

// Residual: adds to what out holds.
@compute @workgroup_size(8)
fn add(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.y * 64u + lane * 8u;
    let tile = product(row, group.x * 8u, shape.depth);
    let column = shape.first / 4u + group.x * 2u;
    for (var r = 0u; r < 8u; r++) {
        let at = (row + r) * shape.width + column;
        out[at] += tile.low[r] + bias[column];
        out[at + 1u] += tile.high[r] + bias[column + 1u];
    }
}
