// A part of the head's cross-entropy, without logits in memory: (highest, sum, chosen) of each row over the part's
// tokens, where sum is of exp(logit - highest) and chosen is the target's logit, or 0 if the target is not in the part.
// logit = a * transpose(w) + bias on `product` of tile_register.wgsl. Workgroup (x, y) treats 8 * LINES rows
// and the y-th part of the shard. A logit that is not finite makes the sum NaN.

struct Shape {
    depth: u32,      // vec4s a row of a and of w
    first: u32,      // the token of the shard's first row
    shard: u32,      // rows of the shard, a multiple of 4 * FOURS
    vocabulary: u32, // tokens; rows of w beyond them are padding
    part: u32,       // tokens of a part, a multiple of 4 * FOURS
    parts: u32,      // parts of the shards before
    rows: u32,       // rows of a
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<Stored>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> targets: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4<f32>>; // [part][row]

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = (group.x * 8u + lane) * LINES;
    var found_{r} = NOTHING;
    let wanted_{r} = targets[row + {r}u];
    let start = group.y * shape.part;
    let end = min(start + shape.part, shape.shard);
    for (var column = start; column < end; column += FOURS * 4u) {
        let tile = product(row, column, shape.depth);
        let tokens = vec4<u32>(shape.first + column) + vec4<u32>(0u, 1u, 2u, 3u);
        let shift_{c} = bias[tokens.x / 4u + {c}u];
        found_{r} = more(found_{r}, tile[{r}u * FOURS + {c}u] + shift_{c}, tokens + {c}u * 4u, wanted_{r});
    }
    let line = (shape.parts + group.y) * shape.rows + row;
    out[line + {r}u] = found_{r};
}
