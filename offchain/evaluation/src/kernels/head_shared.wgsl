// Cross-entropy of the head without logits in memory: out[row] = log(sum_v exp(l_v)) - l_target in nats, with
// l = a * transpose(w). On `product` of tile_shared.wgsl: each lane keeps an online log-sum-exp over its own columns,
// and the 16 lanes of a row are merged at the end. A row with a logit that is not finite yields NaN.

struct Shape {
    depth: u32,      // vec4s a row
    vocabulary: u32, // rows of w, a multiple of 64
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> targets: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

const LOWEST: f32 = -3.4e38;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.x * 64u + lane / 16u * 4u;
    var highest: array<f32, 4>;
    var sum: array<f32, 4>;
    var chosen: array<f32, 4>;
    for (var r = 0u; r < 4u; r++) {
        highest[r] = LOWEST;
    }
    for (var column = 0u; column < shape.vocabulary; column += 64u) {
        let tile = product(group.x * 64u, column, shape.depth, lane);
        let first = column + lane % 16u;
        let columns = vec4<u32>(first, first + 16u, first + 32u, first + 48u);
        for (var r = 0u; r < 4u; r++) {
            let logits = tile[r];
            let next = max(highest[r], max(max(logits.x, logits.y), max(logits.z, logits.w)));
            let p = exp(logits - next);
            var total = sum[r] * exp(highest[r] - next) + p.x + p.y + p.z + p.w;
            let size = abs(logits);
            let bound = size.x + size.y + size.z + size.w;
            if !finite(bound) {
                total = poison(bound);
            }
            sum[r] = total;
            highest[r] = next;
            let picked = select(vec4<f32>(), logits, columns == vec4<u32>(targets[row + r]));
            chosen[r] += picked.x + picked.y + picked.z + picked.w;
        }
    }
    for (var r = 0u; r < 4u; r++) {
        a_tile[lane] = vec4<f32>(highest[r], sum[r], chosen[r], 0.0);
        workgroupBarrier();
        if lane % 16u == 0u {
            var whole = a_tile[lane];
            var bad = !finite(whole.y);
            for (var i = 1u; i < 16u; i++) {
                let part = a_tile[lane + i];
                bad = bad || !finite(part.y);
                let next = max(whole.x, part.x);
                whole.y = whole.y * exp(whole.x - next) + part.y * exp(part.x - next);
                whole.x = next;
                whole.z += part.z;
            }
            if bad {
                out[row + r] = poison(whole.y);
            } else {
                out[row + r] = whole.x + log(whole.y) - whole.z;
            }
        }
        workgroupBarrier();
    }
}
