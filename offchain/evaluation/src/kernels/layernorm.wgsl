// out[row] = (x[row] - mean) / sqrt(mean((x[row] - mean)^2) + epsilon) * gain + bias. The mean comes first, so that the
// variance is a sum of squares and nothing cancels.
// `lane` gives a row to each lane (CPU-like devices: no barrier), `group` gives row 64y + x to workgroup (x, y).
// Padding counts for nothing and stays zero, as gain and bias are. A row whose sums are not finite becomes NaN.
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
@group(0) @binding(4) var<storage, read> bias: array<vec4<f32>>;

// The vec4 at `i` of a row less the mean, zero in the padding.
fn centred(v: vec4<f32>, mean: f32, i: u32) -> vec4<f32> {
    let column = vec4<u32>(4u * i) + vec4<u32>(0u, 1u, 2u, 3u);
    return select(vec4<f32>(), v - mean, column < vec4<u32>(shape.features));
}

fn scale_of(squares: f32) -> f32 {
    if !finite(squares) {
        return poison(squares);
    }
    return inverseSqrt(squares / f32(shape.features) + shape.epsilon);
}

@compute @workgroup_size(8)
fn lane(@builtin(global_invocation_id) id: vec3<u32>) {
    let width = arrayLength(&gain);
    let start = id.x * width;
    var sum = vec4<f32>();
    for (var i = 0u; i < width; i++) {
        sum += x[start + i];
    }
    let mean = (sum.x + sum.y + sum.z + sum.w) / f32(shape.features);
    var squares = 0.0;
    for (var i = 0u; i < width; i++) {
        let v = centred(x[start + i], mean, i);
        squares += dot(v, v);
    }
    let scale = scale_of(squares);
    for (var i = 0u; i < width; i++) {
        out[start + i] = centred(x[start + i], mean, i) * scale * gain[i] + bias[i];
    }
}

@compute @workgroup_size(64)
fn group(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let width = arrayLength(&gain);
    let start = (id.y * 64u + id.x) * width;
    var sum = vec4<f32>();
    for (var i = lane; i < width; i += 64u) {
        sum += x[start + i];
    }
    let mean = total(sum.x + sum.y + sum.z + sum.w, lane) / f32(shape.features);
    var squares = 0.0;
    for (var i = lane; i < width; i += 64u) {
        let v = centred(x[start + i], mean, i);
        squares += dot(v, v);
    }
    let scale = scale_of(total(squares, lane));
    for (var i = lane; i < width; i += 64u) {
        out[start + i] = centred(x[start + i], mean, i) * scale * gain[i] + bias[i];
    }
}
