// out[row] = log(sum_v exp(l_v)) - l_target in nats, of the parts of a row. A row whose sum is not finite yields NaN.

struct Shape {
    parts: u32,
    rows: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> parts: array<vec4<f32>>; // [part][row]
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x;
    var whole = parts[row];
    for (var part = 1u; part < shape.parts; part++) {
        whole = merged(whole, parts[part * shape.rows + row]);
    }
    if finite(whole.y) {
        out[row] = whole.x + log(whole.y) - whole.z;
    } else {
        out[row] = poison(whole.y);
    }
}
