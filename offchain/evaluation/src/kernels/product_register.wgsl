// out = a * transpose(w) + bias on `product` of tile_register.wgsl. Workgroup (x, y) makes 8 * LINES rows x 4 * FOURS
// columns.

struct Shape {
    depth: u32, // vec4s a row of a and of w
    width: u32, // vec4s a row of out
    first: u32, // the row of the whole weight that w begins with, a multiple of the columns of a workgroup
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<Stored>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(8)
fn store(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = (group.y * 8u + lane) * LINES;
    let tile = product(row, group.x * FOURS * 4u, shape.depth);
    let column = shape.first / 4u + group.x * FOURS;
    let at_{r} = (row + {r}u) * shape.width + column;
    out[at_{r} + {c}u] = tile[{r}u * FOURS + {c}u] + bias[column + {c}u];
}

// Residual: adds to what out holds.
@compute @workgroup_size(8)
fn add(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = (group.y * 8u + lane) * LINES;
    let tile = product(row, group.x * FOURS * 4u, shape.depth);
    let column = shape.first / 4u + group.x * FOURS;
    let at_{r} = (row + {r}u) * shape.width + column;
    out[at_{r} + {c}u] += tile[{r}u * FOURS + {c}u] + bias[column + {c}u];
}
