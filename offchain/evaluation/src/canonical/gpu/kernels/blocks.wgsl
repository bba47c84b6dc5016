// Logits of a part of the vocabulary, in blocks of 64 (rule 9): each block's largest, and the sum of the powers of two
// below it. A lane makes a block of a row.

const LOGIT: i32 = 1073741824; // 2^30
const LOG2_E: i32 = 1549082004;

struct Shape {
    product: Column,
    rows: u32,
    width: u32, // numbers a row of work
    first: u32, // token of the first column, a multiple of 64
    count: u32, // tokens
    blocks: u32, // of a row of out
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> work: array<i32>;
@group(0) @binding(2) var<storage, read> exponents: array<vec2<i32>>;
@group(0) @binding(3) var<storage, read> targets: array<u32>;
@group(0) @binding(4) var<storage, read> powers: array<i32>;
@group(0) @binding(5) var<storage, read_write> out: array<vec2<i32>>;    // largest, sum
@group(0) @binding(6) var<storage, read_write> logits: array<i32>;       // the target's

fn logit(at: u32, exponent: i32) -> i32 {
    return saturate_to(times(work[at], LOG2_E), exponent + 10, LOGIT);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let block = id.x;
    let row = id.y;
    let begin = block * 64u;
    if row >= shape.rows || begin >= shape.count { return; }
    let end = min(begin + 64u, shape.count);
    let exponent = product_exponent(exponents[row].y, shape.product);
    var most = -LOGIT;
    for (var i = begin; i < end; i++) {
        most = max(most, logit(row * shape.width + i, exponent));
    }
    var sum = 0u;
    for (var i = begin; i < end; i++) {
        sum += exponential(u32(most - logit(row * shape.width + i, exponent)), 10u, 6);
    }
    out[row * shape.blocks + shape.first / 64u + block] = vec2<i32>(most, i32(sum));
    let target_at = targets[row] - shape.first;
    if target_at >= begin && target_at < end {
        logits[row] = logit(row * shape.width + target_at, exponent);
    }
}
