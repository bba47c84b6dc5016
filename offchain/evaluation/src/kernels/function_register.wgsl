// Products followed by `activate`, behind product_register.wgsl.

@compute @workgroup_size(8)
fn function(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = (group.y * 8u + lane) * LINES;
    let tile = product(row, group.x * FOURS * 4u, shape.depth);
    let column = shape.first / 4u + group.x * FOURS;
    let at_{r} = (row + {r}u) * shape.width + column;
    out[at_{r} + {c}u] = each(tile[{r}u * FOURS + {c}u] + bias[column + {c}u]);
}

// w and bias hold four gate rows, then their four up rows, and so on; out = activate(gate) * up.
@compute @workgroup_size(8)
fn gate(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = (group.y * 8u + lane) * LINES;
    let tile = product(row, group.x * FOURS * 4u, shape.depth);
    let column = shape.first / 4u + group.x * FOURS;
    let at_{r} = (row + {r}u) * shape.width + column / 2u;
    let gate_{r}_{h} = each(tile[{r}u * FOURS + 2u * {h}u] + bias[column + 2u * {h}u]);
    out[at_{r} + {h}u] = gate_{r}_{h} * (tile[{r}u * FOURS + 2u * {h}u + 1u] + bias[column + 2u * {h}u + 1u]);
}
