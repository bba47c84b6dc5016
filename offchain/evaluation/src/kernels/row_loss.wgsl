// The cross-entropy of a row, four logits at a time, behind a `shape` with a vocabulary.

const LOWEST: f32 = -3.4e38;

const NOTHING = vec4<f32>(LOWEST, 0.0, 0.0, 0.0);

// What a row comes to, (highest, sum, chosen), with the logits `values` of `tokens`, one of them perhaps the `wanted`.
fn more(so_far: vec4<f32>, values: vec4<f32>, tokens: vec4<u32>, wanted: u32) -> vec4<f32> {
    let logits = select(vec4<f32>(LOWEST), values, tokens < vec4<u32>(shape.vocabulary));
    let highest = max(so_far.x, max(max(logits.x, logits.y), max(logits.z, logits.w)));
    let p = exp(logits - highest);
    var sum = so_far.y * exp(so_far.x - highest) + p.x + p.y + p.z + p.w;
    let size = abs(values);
    let bound = size.x + size.y + size.z + size.w;
    if !finite(bound) {
        sum = poison(bound);
    }
    let picked = select(vec4<f32>(), logits, tokens == vec4<u32>(wanted));
    return vec4<f32>(highest, sum, so_far.z + picked.x + picked.y + picked.z + picked.w, 0.0);
}
