// Attention with grouped queries and online softmax, for GPUs: a workgroup owns the 64 queries of a block, all of one
// head and one sequence, and stages KEYS keys and values at a time in workgroup memory, STAGES vec4s a lane. Workgroup
// (head, block). These numbers and HEAD, the vec4s of a head, are set when the pipeline is made; a line with {s} or {d}
// then stands for STAGES or HEAD lines. A score that is not finite makes the output NaN.

struct Shape {
    heads: u32,  // query heads; they lead each row of qkv, then key heads, then value heads
    keys: u32,   // key heads, a divisor of heads
    stride: u32, // vec4s a row of qkv
    width: u32,  // vec4s a row of out
    causal: u32, // whether a query sees only keys up to its own
    scale: f32,  // 1 / sqrt(head_dim)
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> blocks: array<vec4<u32>>; // first query; the sequence's first row and end
@group(0) @binding(2) var<storage, read> qkv: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;

const LOWEST: f32 = -3.4e38;

var<workgroup> key_tile: array<vec4<f32>, KEYS * HEAD>;
var<workgroup> value_tile: array<vec4<f32>, KEYS * HEAD>;

// The i-th vec4 of the keys and values from row `first` on; rows past `last` repeat it.
fn stage(i: u32, first: u32, last: u32, key: u32, value: u32) {
    if i < KEYS * HEAD {
        let at = min(first + i / HEAD, last) * shape.stride + i % HEAD;
        key_tile[i] = qkv[key + at];
        value_tile[i] = qkv[value + at];
    }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let head = group.x;
    let block = blocks[group.y];
    let query = block.x + lane;
    let key_head = head / (shape.heads / shape.keys);
    // Lanes past the sequence repeat its last query, so that all of them meet at every barrier.
    let start = min(query, block.z - 1u) * shape.stride + head * HEAD;
    let key = (shape.heads + key_head) * HEAD;
    let value = key + shape.keys * HEAD;
    var q: array<vec4<f32>, HEAD>;
    var sums: array<vec4<f32>, HEAD>;
    q[{d}] = qkv[start + {d}u] * shape.scale;
    var highest = LOWEST;
    var sum = 0.0;
    let causal = shape.causal != 0u;
    let end = select(block.z, min(block.x + 64u, block.z), causal);
    let seen = select(block.z, min(query + 1u, block.z), causal);
    for (var j = block.y; j < end; j += KEYS) {
        stage(lane + {s}u * 64u, j, block.z - 1u, key, value);
        workgroupBarrier();
        for (var n = 0u; n < KEYS; n++) {
            if j + n >= seen {
                break;
            }
            var score = 0.0;
            score += dot(q[{d}], key_tile[n * HEAD + {d}u]);
            let next = max(highest, score);
            let keep = exp(highest - next);
            var p = exp(score - next);
            if !finite(score) {
                p = poison(score);
            }
            sum = sum * keep + p;
            sums[{d}] = sums[{d}] * keep + p * value_tile[n * HEAD + {d}u];
            highest = next;
        }
        workgroupBarrier();
    }
    if query < block.z {
        let target_row = query * shape.width + head * HEAD;
        out[target_row + {d}u] = sums[{d}] / sum;
    }
}
