// Products followed by `activate`, behind product_shared.wgsl.

@compute @workgroup_size(256)
fn function(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * 64u, group.x * 64u, shape.depth, lane);
    let column = shape.first + group.x * 64u + lane % 16u;
    let shift = bias_at(column);
    for (var r = 0u; r < 4u; r++) {
        let at = (group.y * 64u + lane / 16u * 4u + r) * shape.width * 4u + column;
        let value = tile[r] + shift;
        out[at] = activate(value.x);
        out[at + 16u] = activate(value.y);
        out[at + 32u] = activate(value.z);
        out[at + 48u] = activate(value.w);
    }
}

// w and bias hold 32 gate rows, then their 32 up rows, and so on; out = activate(gate) * up.
@compute @workgroup_size(256)
fn gate(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * 64u, group.x * 64u, shape.depth, lane);
    let column = shape.first / 2u + group.x * 32u + lane % 16u;
    let shift = bias_at(shape.first + group.x * 64u + lane % 16u);
    for (var r = 0u; r < 4u; r++) {
        let at = (group.y * 64u + lane / 16u * 4u + r) * shape.width * 4u + column;
        let value = tile[r] + shift;
        out[at] = activate(value.x) * value.z;
        out[at + 16u] = activate(value.y) * value.w;
    }
}
