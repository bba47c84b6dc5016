// For CPU-like devices: each lane keeps TILE rows x 4 columns in registers and shares nothing. A workgroup of 8 lanes
// makes 8 * TILE rows x 4 columns. Such devices have no product of packed bytes, so only the weights are split: 16 by 8
// bits, in two sums, whose carries are taken every PART pairs of depth, before 31 bits are full. TILE is set when the
// pipeline is made; a line with {r} then stands for TILE lines.

const PART: u32 = 64u;

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let row = (group.y * 8u + lane) * TILE;
    let column = group.x * 4u;
    let depth = shape.depth;
    // Sums: top * 2^24 + high * 2^8 + low.
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
            let v_{r} = unpack(a[(row + {r}u) * depth + k]);
            high[{r}] += vec4<i32>(dot(v_{r}, high0), dot(v_{r}, high1), dot(v_{r}, high2), dot(v_{r}, high3));
            low[{r}] += vec4<i32>(dot(v_{r}, low0), dot(v_{r}, low1), dot(v_{r}, low2), dot(v_{r}, low3));
        }
        high[{r}] += low[{r}] >> vec4<u32>(8u);
        low[{r}] &= vec4<i32>(255);
        top[{r}] += high[{r}] >> vec4<u32>(16u);
        high[{r}] &= vec4<i32>(65535);
    }
    finish4(top[{r}], (high[{r}] << vec4<u32>(8u)) | low[{r}], row + {r}u, column);
}

fn finish4(top: vec4<i32>, rest: vec4<i32>, row: u32, column: u32) {
    for (var c = 0u; c < 4u; c++) {
        finish(add(left(long(top[c]), 24), long(rest[c])), row, column + c);
    }
}
