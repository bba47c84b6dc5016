// Rows of a table by index: out[row] = table[index[row]] where the index lies in this shard of the table, else out[row]
// stays. Workgroup (x, y) treats row 64y + x.

struct Shape {
    width: u32, // vec4s a row
    first: u32, // the shard's first row of the whole table
    rows: u32,  // the shard's rows
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> table: array<vec4<Stored>>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(64)
fn copy(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.y * 64u + group.x;
    let source = index[row] - shape.first;
    // Below the shard, the difference wraps to a large number.
    if source >= shape.rows {
        return;
    }
    for (var i = lane; i < shape.width; i += 64u) {
        out[row * shape.width + i] = vec4<f32>(table[source * shape.width + i]);
    }
}

@compute @workgroup_size(64)
fn add(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.y * 64u + group.x;
    let source = index[row] - shape.first;
    if source >= shape.rows {
        return;
    }
    for (var i = lane; i < shape.width; i += 64u) {
        out[row * shape.width + i] += vec4<f32>(table[source * shape.width + i]);
    }
}
