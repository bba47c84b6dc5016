// Products followed by `activate`, behind product_shared.wgsl.

@compute @workgroup_size(LANES)
fn function(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * HEIGHT, group.x * WIDTH, shape.depth, lane);
    let column = shape.first + group.x * WIDTH + lane % ACROSS;
    let row = group.y * HEIGHT + lane / ACROSS * LINES;
    let shift_{c} = bias_at(column + {c}u * 4u * ACROSS);
    let at_{r} = (row + {r}u) * shape.width * 4u + column;
    put(at_{r} + {c}u * 4u * ACROSS, each(tile[{r}u * FOURS + {c}u] + shift_{c}));
}

// w and bias hold 2 * ACROSS gate rows, then their 2 * ACROSS up rows, and so on; out = activate(gate) * up.
@compute @workgroup_size(LANES)
fn gate(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let tile = product(group.y * HEIGHT, group.x * WIDTH, shape.depth, lane);
    let column = shape.first + group.x * WIDTH + lane % ACROSS;
    let target_column = (shape.first + group.x * WIDTH) / 2u + lane % ACROSS;
    let row = group.y * HEIGHT + lane / ACROSS * LINES;
    let shift_{c} = bias_at(column + {c}u * 4u * ACROSS);
    let at_{r} = (row + {r}u) * shape.width * 4u + target_column;
    put_gated(at_{r} + {c}u * 2u * ACROSS, tile[{r}u * FOURS + {c}u] + shift_{c});
}

// Two gates and the two values that they let through.
fn put_gated(at: u32, value: vec4<f32>) {
    out[at] = activate(value.x) * value.z;
    out[at + ACROSS] = activate(value.y) * value.w;
}
