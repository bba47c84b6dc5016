// Cross-entropy of the head without logits in memory: out[row] = log(sum_v exp(l_v)) - l_target in nats, with
// l = a * transpose(w), the log-sum-exp kept online. On `product` of tile_register.wgsl; 8 rows a lane.
// A row with a logit that is not finite yields NaN.

struct Shape {
    depth: u32,      // vec4s a row
    vocabulary: u32, // rows of w, a multiple of 8
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> targets: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

const LOWEST: f32 = -3.4e38;

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.x * 64u + lane * 8u;
    var highest: array<f32, 8>;
    var sum: array<f32, 8>;
    var chosen: array<f32, 8>;
    for (var r = 0u; r < 8u; r++) {
        highest[r] = LOWEST;
    }
    for (var column = 0u; column < shape.vocabulary; column += 8u) {
        let tile = product(row, column, shape.depth);
        let columns = vec4<u32>(column, column + 1u, column + 2u, column + 3u);
        for (var r = 0u; r < 8u; r++) {
            let low = tile.low[r];
            let high = tile.high[r];
            let pair = max(low, high);
            let next = max(highest[r], max(max(pair.x, pair.y), max(pair.z, pair.w)));
            let p = exp(low - next) + exp(high - next);
            var total = sum[r] * exp(highest[r] - next) + p.x + p.y + p.z + p.w;
            let size = abs(low) + abs(high);
            let bound = size.x + size.y + size.z + size.w;
            if !finite(bound) {
                total = poison(bound);
            }
            sum[r] = total;
            highest[r] = next;
            let picked = select(vec4<f32>(), low, columns == vec4<u32>(targets[row + r]))
                + select(vec4<f32>(), high, columns + 4u == vec4<u32>(targets[row + r]));
            chosen[r] += picked.x + picked.y + picked.z + picked.w;
        }
    }
    for (var r = 0u; r < 8u; r++) {
        if finite(sum[r]) {
            out[row + r] = highest[r] + log(sum[r]) - chosen[r];
        } else {
            out[row + r] = poison(sum[r]);
        }
    }
}
