// out = a * transpose(w) + bias on `product` of tile_shared.wgsl. Workgroup (x, y) makes HEIGHT rows x WIDTH columns.

struct Shape {
    depth: u32, // vec4s a row of a and of w
    width: u32, // vec4s a row of out
    first: u32, // the row of the whole weight that w begins with, a multiple of WIDTH
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<Stored>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

// The bias of four of a lane's columns, the first of which is `column`.
fn bias_at(column: u32) -> vec4<f32> {
    return vec4<f32>(bias[column], bias[column + ACROSS], bias[column + 2u * ACROSS], bias[column + 3u * ACROSS]);
}

// Stores what belongs in four of a lane's columns.
fn put(at: u32, value: vec4<f32>) {
    out[at] = value.x;
    out[at + ACROSS] = value.y;
    out[at + 2u * ACROSS] = value.z;
    out[at + 3u * ACROSS] = value.w;
}

@compute @workgroup_size(LANES)
fn store(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * HEIGHT, group.x * WIDTH, shape.depth, lane);
    let column = shape.first + group.x * WIDTH + lane % ACROSS;
    let row = group.y * HEIGHT + lane / ACROSS * LINES;
    let shift_{c} = bias_at(column + {c}u * 4u * ACROSS);
    let at_{r} = (row + {r}u) * shape.width * 4u + column;
    put(at_{r} + {c}u * 4u * ACROSS, tile[{r}u * FOURS + {c}u] + shift_{c});
}

// Residual: adds to what out holds.
@compute @workgroup_size(LANES)
fn add(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * HEIGHT, group.x * WIDTH, shape.depth, lane);
    let column = shape.first + group.x * WIDTH + lane % ACROSS;
    let row = group.y * HEIGHT + lane / ACROSS * LINES;
    let shift_{c} = bias_at(column + {c}u * 4u * ACROSS);
    let at_{r} = (row + {r}u) * shape.width * 4u + column;
    put_more(at_{r} + {c}u * 4u * ACROSS, tile[{r}u * FOURS + {c}u] + shift_{c});
}

// Adds what belongs in four of a lane's columns.
fn put_more(at: u32, value: vec4<f32>) {
    let held = vec4<f32>(out[at], out[at + ACROSS], out[at + 2u * ACROSS], out[at + 3u * ACROSS]);
    put(at, held + value);
}
