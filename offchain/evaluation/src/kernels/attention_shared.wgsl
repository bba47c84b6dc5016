// Causal attention with grouped queries and online softmax, for GPUs: a workgroup owns 64 queries of one head and
// stages KEYS keys and values at a time in workgroup memory. Workgroup (x, head, window) owns queries 64x..64x+64.
// HEAD, the vec4s of a head, and KEYS are set when the pipeline is made. A score that is not finite makes NaN.

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

var<workgroup> key_tile: array<vec4<f32>, KEYS * HEAD>;
var<workgroup> value_tile: array<vec4<f32>, KEYS * HEAD>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let query = group.x * 64u + lane;
    let first = group.z * shape.window;
    let head = group.y;
    let key_head = head / (shape.heads / shape.keys);
    // Lanes past the window repeat its last query, so that all of them meet at every barrier.
    let start = (first + min(query, shape.window - 1u)) * shape.stride + head * HEAD;
    let key = first * shape.stride + (shape.heads + key_head) * HEAD;
    let value = key + shape.keys * HEAD;
    var q: array<vec4<f32>, HEAD>;
    var sums: array<vec4<f32>, HEAD>;
    for (var d = 0u; d < HEAD; d++) {
        q[d] = qkv[start + d] * shape.scale;
    }
    var highest = LOWEST;
    var sum = 0.0;
    let end = min(group.x * 64u + 64u, shape.window);
    for (var j = 0u; j < end; j += KEYS) {
        for (var i = lane; i < KEYS * HEAD; i += 64u) {
            let at = min(j + i / HEAD, shape.window - 1u) * shape.stride + i % HEAD;
            key_tile[i] = qkv[key + at];
            value_tile[i] = qkv[value + at];
        }
        workgroupBarrier();
        for (var n = 0u; n < KEYS; n++) {
            if j + n > query || j + n >= shape.window {
                break;
            }
            var score = 0.0;
            for (var d = 0u; d < HEAD; d++) {
                score += dot(q[d], key_tile[n * HEAD + d]);
            }
            let next = max(highest, score);
            let keep = exp(highest - next);
            var p = exp(score - next);
            if !finite(score) {
                p = poison(score);
            }
            sum = sum * keep + p;
            for (var d = 0u; d < HEAD; d++) {
                sums[d] = sums[d] * keep + p * value_tile[n * HEAD + d];
            }
            highest = next;
        }
        workgroupBarrier();
    }
    if query < shape.window {
        let target_row = (first + query) * shape.width + head * HEAD;
        for (var d = 0u; d < HEAD; d++) {
            out[target_row + d] = sums[d] / sum;
        }
    }
}
