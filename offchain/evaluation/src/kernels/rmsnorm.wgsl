// out[row] = x[row] / sqrt(mean(x[row]^2) + epsilon) * gain.
// `lane` gives a row to each lane (CPU-like devices: no barrier), `group` gives row 64y + x to workgroup (x, y).
// Padding is zero in x and in gain, so it adds nothing to the sum and stays zero.
// A row whose sum of squares is not finite becomes NaN: 1/sqrt(inf) would hide the overflow as zeros.
// The loops end with `gain`, which is as wide as a row: Mesa's software adapters would compile the kernel anew for each
// dispatch where a short loop ends with a number of the shape.

struct Shape {
    features: u32, // true floats a row
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gain: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;

fn scale_of(sum: f32) -> f32 {
    if !finite(sum) {
        return poison(sum);
    }
    return inverseSqrt(sum / f32(shape.features) + shape.epsilon);
}

@compute @workgroup_size(8)
fn lane(@builtin(global_invocation_id) id: vec3<u32>) {
    let width = arrayLength(&gain);
    let start = id.x * width;
    var sum = 0.0;
    for (var i = 0u; i < width; i++) {
        let v = x[start + i];
        sum += dot(v, v);
    }
    let scale = scale_of(sum);
    for (var i = 0u; i < width; i++) {
        out[start + i] = x[start + i] * scale * gain[i];
    }
}

@compute @workgroup_size(64)
fn group(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let width = arrayLength(&gain);
    let start = (id.y * 64u + id.x) * width;
    var sum = 0.0;
    for (var i = lane; i < width; i += 64u) {
        let v = x[start + i];
        sum += dot(v, v);
    }
    let scale = scale_of(total(sum, lane));
    for (var i = lane; i < width; i += 64u) {
        out[start + i] = x[start + i] * scale * gain[i];
    }
}
