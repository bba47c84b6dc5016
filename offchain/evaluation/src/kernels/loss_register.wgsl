// A part of the head's cross-entropy, without logits in memory: (highest, sum, chosen) of each row over the part's
// tokens, where sum is of exp(logit - highest) and chosen is the target's logit, or 0 if the target is not in the part.
// logit = a * transpose(w) + bias on `product` of tile_register.wgsl; 8 rows a lane. Workgroup (x, y) treats rows
// 64x..64x+64 and the y-th part of the shard. A logit that is not finite makes the sum NaN.

struct Shape {
    depth: u32,      // vec4s a row of a and of w
    first: u32,      // the token of the shard's first row
    shard: u32,      // rows of the shard, a multiple of 8
    vocabulary: u32, // tokens; rows of w beyond them are padding
    part: u32,       // tokens of a part, a multiple of 8
    parts: u32,      // parts of the shards before
    rows: u32,       // rows of a
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> targets: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4<f32>>; // [part][row]

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
    let start = group.y * shape.part;
    let end = min(start + shape.part, shape.shard);
    for (var column = start; column < end; column += 8u) {
        let tile = product(row, column, shape.depth);
        let token = shape.first + column;
        let tokens = vec4<u32>(token) + vec4<u32>(0u, 1u, 2u, 3u);
        let low_bias = bias[token / 4u];
        let high_bias = bias[token / 4u + 1u];
        let low_real = tokens < vec4<u32>(shape.vocabulary);
        let high_real = tokens + 4u < vec4<u32>(shape.vocabulary);
        for (var r = 0u; r < 8u; r++) {
            let first = tile.low[r] + low_bias;
            let second = tile.high[r] + high_bias;
            let low = select(vec4<f32>(LOWEST), first, low_real);
            let high = select(vec4<f32>(LOWEST), second, high_real);
            let pair = max(low, high);
            let next = max(highest[r], max(max(pair.x, pair.y), max(pair.z, pair.w)));
            let p = exp(low - next) + exp(high - next);
            var total = sum[r] * exp(highest[r] - next) + p.x + p.y + p.z + p.w;
            let size = abs(first) + abs(second);
            let bound = size.x + size.y + size.z + size.w;
            if !finite(bound) {
                total = poison(bound);
            }
            sum[r] = total;
            highest[r] = next;
            let picked = select(vec4<f32>(), low, tokens == vec4<u32>(targets[row + r]))
                + select(vec4<f32>(), high, tokens + 4u == vec4<u32>(targets[row + r]));
            chosen[r] += picked.x + picked.y + picked.z + picked.w;
        }
    }
    let line = (shape.parts + group.y) * shape.rows + row;
    for (var r = 0u; r < 8u; r++) {
        out[line + r] = vec4<f32>(highest[r], sum[r], chosen[r], 0.0);
    }
}
