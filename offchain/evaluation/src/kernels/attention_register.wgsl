// Causal attention with grouped queries and online softmax, for CPU-like devices: a lane owns QUERIES queries of one
// head and walks the keys up to the last of them, so that each key and value it loads serves them all; no barrier.
// Workgroup (x, head, window) owns the 8 * QUERIES queries from 8 * QUERIES * x. QUERIES and HEAD, the vec4s of a head,
// are set when the pipeline is made. A score that is not finite makes the output NaN.

struct Shape {
    window: u32, // positions
    heads: u32,  // query heads; they lead each row of qkv, then key heads, then value heads
    keys: u32,   // key heads, a divisor of heads
    stride: u32, // vec4s a row of qkv
    width: u32,  // vec4s a row of out
    scale: f32,  // 1 / sqrt(head_dim)
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> qkv: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4<f32>>;

const LOWEST: f32 = -3.4e38;

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let query = (group.x * 8u + lane) * QUERIES;
    if query >= shape.window {
        return;
    }
    let first = group.z * shape.window;
    let head = group.y;
    let key_head = head / (shape.heads / shape.keys);
    let last = min(query + QUERIES, shape.window) - 1u;
    var q: array<vec4<f32>, QUERIES * HEAD>;
    var sums: array<vec4<f32>, QUERIES * HEAD>;
    var highest: array<f32, QUERIES>;
    var sum: array<f32, QUERIES>;
    for (var n = 0u; n < QUERIES; n++) {
        // A lane with fewer queries repeats its last one.
        let start = (first + min(query + n, last)) * shape.stride + head * HEAD;
        for (var d = 0u; d < HEAD; d++) {
            q[n * HEAD + d] = qkv[start + d] * shape.scale;
        }
        highest[n] = LOWEST;
    }
    var key = first * shape.stride + (shape.heads + key_head) * HEAD;
    var value = key + shape.keys * HEAD;
    for (var j = 0u; j <= last; j++) {
        var score: array<f32, QUERIES>;
        for (var d = 0u; d < HEAD; d++) {
            let k = qkv[key + d];
            for (var n = 0u; n < QUERIES; n++) {
                score[n] += dot(q[n * HEAD + d], k);
            }
        }
        var keep: array<f32, QUERIES>;
        var p: array<f32, QUERIES>;
        for (var n = 0u; n < QUERIES; n++) {
            let next = max(highest[n], score[n]);
            let seen = j <= query + n;
            keep[n] = select(1.0, exp(highest[n] - next), seen);
            p[n] = select(0.0, exp(score[n] - next), seen);
            highest[n] = select(highest[n], next, seen);
            if seen && !finite(score[n]) {
                p[n] = poison(score[n]);
            }
            sum[n] = sum[n] * keep[n] + p[n];
        }
        for (var d = 0u; d < HEAD; d++) {
            let v = qkv[value + d];
            for (var n = 0u; n < QUERIES; n++) {
                sums[n * HEAD + d] = sums[n * HEAD + d] * keep[n] + p[n] * v;
            }
        }
        key += shape.stride;
        value += shape.stride;
    }
    for (var n = 0u; n < QUERIES; n++) {
        if query + n <= last {
            let row = (first + query + n) * shape.width + head * HEAD;
            for (var d = 0u; d < HEAD; d++) {
                out[row + d] = sums[n * HEAD + d] / sum[n];
            }
        }
    }
}
