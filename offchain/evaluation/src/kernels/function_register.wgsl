// Products followed by `activate`, behind product_register.wgsl.

fn each(x: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(activate(x.x), activate(x.y), activate(x.z), activate(x.w));
}

@compute @workgroup_size(8)
fn function(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.y * 64u + lane * 8u;
    let tile = product(row, group.x * 8u, shape.depth);
    let column = shape.first / 4u + group.x * 2u;
    for (var r = 0u; r < 8u; r++) {
        let at = (row + r) * shape.width + column;
        out[at] = each(tile.low[r] + bias[column]);
        out[at + 1u] = each(tile.high[r] + bias[column + 1u]);
    }
}

// w and bias hold four gate rows, then their four up rows, and so on; out = activate(gate) * up.
@compute @workgroup_size(8)
fn gate(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.y * 64u + lane * 8u;
    let tile = product(row, group.x * 8u, shape.depth);
    let column = shape.first / 8u + group.x;
    for (var r = 0u; r < 8u; r++) {
        let gate = each(tile.low[r] + bias[2u * column]);
        out[(row + r) * shape.width + column] = gate * (tile.high[r] + bias[2u * column + 1u]);
    }
}
