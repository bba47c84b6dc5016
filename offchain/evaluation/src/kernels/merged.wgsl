// Two parts (highest, sum, chosen) of a cross-entropy as one. A sum that is not finite stays so.

fn merged(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
    let highest = max(a.x, b.x);
    var sum = a.y * exp(a.x - highest) + b.y * exp(b.x - highest);
    if !finite(a.y) {
        sum = poison(a.y);
    }
    if !finite(b.y) {
        sum = poison(b.y);
    }
    return vec4<f32>(highest, sum, a.z + b.z, 0.0);
}
