// A part of the head's cross-entropy, without logits in memory: (highest, sum, chosen) of each row over the part's
// tokens, where sum is of exp(logit - highest) and chosen is the target's logit, or 0 if the target is not in the part.
// logit = a * transpose(w) + bias on `product` of tile_shared.wgsl: each lane keeps its own columns, and the 16 lanes of
// a row are merged at the end. Workgroup (x, y) treats rows 64x..64x+64 and the y-th part of the shard. A logit that is
// not finite makes the sum NaN.

struct Shape {
    depth: u32,      // vec4s a row of a and of w
    first: u32,      // the token of the shard's first row
    shard: u32,      // rows of the shard, a multiple of 64
    vocabulary: u32, // tokens; rows of w beyond them are padding
    part: u32,       // tokens of a part, a multiple of 64
    parts: u32,      // parts of the shards before
    rows: u32,       // rows of a
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> targets: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4<f32>>; // [part][row]

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
    let start = group.y * shape.part;
    let end = min(start + shape.part, shape.shard);
    for (var column = start; column < end; column += 64u) {
        let tile = product(group.x * 64u, column, shape.depth, lane);
        let token = shape.first + column + lane % 16u;
        let tokens = vec4<u32>(token) + vec4<u32>(0u, 16u, 32u, 48u);
        let real = tokens < vec4<u32>(shape.vocabulary);
        let shift = vec4<f32>(bias[token], bias[token + 16u], bias[token + 32u], bias[token + 48u]);
        for (var r = 0u; r < 4u; r++) {
            let values = tile[r] + shift;
            let logits = select(vec4<f32>(LOWEST), values, real);
            let next = max(highest[r], max(max(logits.x, logits.y), max(logits.z, logits.w)));
            let p = exp(logits - next);
            var total = sum[r] * exp(highest[r] - next) + p.x + p.y + p.z + p.w;
            let size = abs(values);
            let bound = size.x + size.y + size.z + size.w;
            if !finite(bound) {
                total = poison(bound);
            }
            sum[r] = total;
            highest[r] = next;
            let picked = select(vec4<f32>(), logits, tokens == vec4<u32>(targets[row + r]));
            chosen[r] += picked.x + picked.y + picked.z + picked.w;
        }
    }
    for (var r = 0u; r < 4u; r++) {
        a_tile[lane] = vec4<f32>(highest[r], sum[r], chosen[r], 0.0);
        workgroupBarrier();
        if lane % 16u == 0u {
            var whole = a_tile[lane];
            for (var i = 1u; i < 16u; i++) {
                whole = merged(whole, a_tile[lane + i]);
            }
            out[(shape.parts + group.y) * shape.rows + row + r] = whole;
        }
        workgroupBarrier();
    }
}
