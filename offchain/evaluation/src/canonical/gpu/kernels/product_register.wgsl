// For CPU-like devices: each lane keeps TILE rows x 4 columns in registers and shares nothing. A workgroup of 8 lanes
// makes 8 * TILE rows x 4 columns. Such devices have no product of packed bytes, so only the weights are split: 16 by 8
// bits, in two sums, whose carries are taken every PART pairs of depth, before 31 bits are full.

const PART: u32 = 64u;

fn limbs(word: u32) -> vec4<i32> {
    return vec4<i32>(vec4<u32>(word) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u);
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = (group.y * 8u + lane) * TILE;
    let column = group.x * 4u;
    let depth = shape.depth;
    var top: array<vec4<i32>, TILE>;
    var high: array<vec4<i32>, TILE>;
    var low: array<vec4<i32>, TILE>;
    for (var part = 0u; part < depth; part += PART) {
        let end = min(part + PART, depth);
        for (var k = part; k < end; k++) {
            let at = column * depth + k;
            let w0 = w[at];
            let w1 = w[at + depth];
            let w2 = w[at + 2u * depth];
            let w3 = w[at + 3u * depth];
            let high0 = limbs(w0.x);
            let high1 = limbs(w1.x);
            let high2 = limbs(w2.x);
            let high3 = limbs(w3.x);
            let low0 = limbs(w0.y);
            let low1 = limbs(w1.y);
            let low2 = limbs(w2.y);
            let low3 = limbs(w3.y);
            for (var r = 0u; r < TILE; r++) {
                let v = unpack(a[(row + r) * depth + k]);
                high[r] += vec4<i32>(dot(v, high0), dot(v, high1), dot(v, high2), dot(v, high3));
                low[r] += vec4<i32>(dot(v, low0), dot(v, low1), dot(v, low2), dot(v, low3));
            }
        }
        for (var r = 0u; r < TILE; r++) {
            high[r] += low[r] >> vec4<u32>(8u);
            low[r] &= vec4<i32>(255);
            top[r] += high[r] >> vec4<u32>(16u);
            high[r] &= vec4<i32>(65535);
        }
    }
    for (var r = 0u; r < TILE; r++) {
        for (var c = 0u; c < 4u; c++) {
            let rest = (high[r][c] << 8u) | low[r][c];
            finish(add(left(long(top[r][c]), 24), long(rest)), row + r, column + c);
        }
    }
}
