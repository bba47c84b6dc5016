// Attention with grouped queries and online softmax, for CPU-like devices: a lane owns QUERIES queries of one head and
// walks the keys that any of them sees, so that each key and value it loads serves them all; no barrier.
// Workgroup (head, block) owns the 8 * QUERIES queries of a block, all of one sequence. QUERIES and HEAD, the vec4s of a
// head, are set when the pipeline is made; a line with {n} or {d} then stands for QUERIES or HEAD lines. A score that is
// not finite makes the output NaN.

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

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let head = group.x;
    let block = blocks[group.y];
    let query = block.x + lane * QUERIES;
    if query >= block.z {
        return;
    }
    let key_head = head / (shape.heads / shape.keys);
    let last = min(query + QUERIES, block.z) - 1u;
    var q: array<vec4<f32>, QUERIES * HEAD>;
    var sums: array<vec4<f32>, QUERIES * HEAD>;
    var highest: array<f32, QUERIES>;
    var sum: array<f32, QUERIES>;
    // A lane with fewer queries takes its last one twice, and writes it twice.
    let start_{n} = min(query + {n}u, last) * shape.stride + head * HEAD;
    q[{n}u * HEAD + {d}u] = qkv[start_{n} + {d}u] * shape.scale;
    highest[{n}] = LOWEST;
    var key = block.y * shape.stride + (shape.heads + key_head) * HEAD;
    var value = key + shape.keys * HEAD;
    let end = select(block.z, last + 1u, shape.causal != 0u);
    for (var j = block.y; j < end; j++) {
        var score: array<f32, QUERIES>;
        score[{n}] += dot(q[{n}u * HEAD + {d}u], qkv[key + {d}u]);
        var keep: array<f32, QUERIES>;
        var p: array<f32, QUERIES>;
        for (var n = 0u; n < QUERIES; n++) {
            let next = max(highest[n], score[n]);
            let seen = shape.causal == 0u || j <= query + n;
            keep[n] = select(1.0, exp(highest[n] - next), seen);
            p[n] = select(0.0, exp(score[n] - next), seen);
            highest[n] = select(highest[n], next, seen);
            if seen && !finite(score[n]) {
                p[n] = poison(score[n]);
            }
            sum[n] = sum[n] * keep[n] + p[n];
        }
        sums[{n}u * HEAD + {d}u] = sums[{n}u * HEAD + {d}u] * keep[{n}] + p[{n}] * qkv[value + {d}u];
        key += shape.stride;
        value += shape.stride;
    }
    let row_{n} = min(query + {n}u, last) * shape.width + head * HEAD;
    out[row_{n} + {d}u] = sums[{n}u * HEAD + {d}u] / sum[{n}];
}
