// A part of the head's cross-entropy, without logits in memory: (highest, sum, chosen) of each row over the part's
// tokens, where sum is of exp(logit - highest) and chosen is the target's logit, or 0 if the target is not in the part.
// logit = a * transpose(w) + bias on `product` of tile_shared.wgsl: each lane keeps its own columns, and the ACROSS
// lanes of a row are merged at the end. Workgroup (x, y) treats HEIGHT rows and the y-th part of the shard. A logit
// that is not finite makes the sum NaN.

struct Shape {
    depth: u32,      // vec4s a row of a and of w
    first: u32,      // the token of the shard's first row
    shard: u32,      // rows of the shard, a multiple of WIDTH
    vocabulary: u32, // tokens; rows of w beyond them are padding
    part: u32,       // tokens of a part, a multiple of WIDTH
    parts: u32,      // parts of the shards before
    rows: u32,       // rows of a
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<Stored>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> targets: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4<f32>>; // [part][row]

// Factors in f16 leave no room in a_tile.
var<workgroup> found_by: array<vec4<f32>, LANES>; // f16 only

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = group.x * HEIGHT + lane / ACROSS * LINES;
    var found_{r} = NOTHING;
    let wanted_{r} = targets[row + {r}u];
    let start = group.y * shape.part;
    let end = min(start + shape.part, shape.shard);
    for (var column = start; column < end; column += WIDTH) {
        let tile = product(group.x * HEIGHT, column, shape.depth, lane);
        let tokens = vec4<u32>(shape.first + column + lane % ACROSS) + vec4<u32>(0u, 1u, 2u, 3u) * ACROSS;
        let shift_{c} = bias_at(tokens + {c}u * 4u * ACROSS);
        found_{r} = more(found_{r}, tile[{r}u * FOURS + {c}u] + shift_{c}, tokens + {c}u * 4u * ACROSS, wanted_{r});
    }
    merge(found_{r}, row + {r}u, group.y, lane);
}

fn bias_at(tokens: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(bias[tokens.x], bias[tokens.y], bias[tokens.z], bias[tokens.w]);
}

// Stores what the lanes of a row have found, as one.
fn merge(found: vec4<f32>, row: u32, part: u32, lane: u32) {
    a_tile[lane] = found; // f32 only
    found_by[lane] = found; // f16 only
    workgroupBarrier();
    if lane % ACROSS == 0u {
        var whole = found;
        for (var i = 1u; i < ACROSS; i++) {
            whole = merged(whole, a_tile[lane + i]); // f32 only
            whole = merged(whole, found_by[lane + i]); // f16 only
        }
        out[(shape.parts + part) * shape.rows + row] = whole;
    }
    workgroupBarrier();
}
