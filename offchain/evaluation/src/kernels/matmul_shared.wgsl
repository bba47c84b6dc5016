// out = epilogue(a * transpose(w)) on `product` of tile_shared.wgsl. Workgroup (x, y) makes 64 rows x 64 columns.

struct Shape {
    depth: u32, // vec4s a row of a and of w
    width: u32, // vec4s a row of out
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(256)
fn store(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * 64u, group.x * 64u, shape.depth, lane);
    for (var r = 0u; r < 4u; r++) {
        let at = (group.y * 64u + lane / 16u * 4u + r) * shape.width * 4u + group.x * 64u + lane % 16u;
        out[at] = tile[r].x;
        out[at + 16u] = tile[r].y;
        out[at + 32u] = tile[r].z;
        out[at + 48u] = tile[r].w;
    }
}

// Residual: adds to what out holds.
@compute @workgroup_size(256)
fn add(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * 64u, group.x * 64u, shape.depth, lane);
    for (var r = 0u; r < 4u; r++) {
        let at = (group.y * 64u + lane / 16u * 4u + r) * shape.width * 4u + group.x * 64u + lane % 16u;
        out[at] += tile[r].x;
        out[at + 16u] += tile[r].y;
        out[at + 32u] += tile[r].z;
        out[at + 48u] += tile[r].w;
    }
}

// SwiGLU: w holds 32 gate rows, then their 32 up rows, and so on; out = silu(gate) * up.
@compute @workgroup_size(256)
fn swiglu(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * 64u, group.x * 64u, shape.depth, lane);
    for (var r = 0u; r < 4u; r++) {
        let at = (group.y * 64u + lane / 16u * 4u + r) * shape.width * 4u + group.x * 32u + lane % 16u;
        let gate = tile[r].xy;
        let value = gate / (1.0 + exp(-gate)) * tile[r].zw;
        out[at] = value.x;
        out[at + 16u] = value.y;
    }
}
