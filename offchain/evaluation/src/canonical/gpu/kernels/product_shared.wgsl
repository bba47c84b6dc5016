// For GPUs: a workgroup of 16 x 16 lanes makes 16 * TILE rows x 64 columns, staged through workgroup memory STAGE pairs
// of depth at a time. Lane (x, y) keeps the rows y, y + 16, ... and the columns x, x + 16, x + 32, x + 48, so that
// neighbouring lanes read and write neighbouring addresses. Three sums of products of limbs stay within 31 bits up to a
// width of 2^15: high by high, the two mixed, low by low.

const ROWS: u32 = 16u * TILE;

var<workgroup> a_stage: array<vec2<u32>, STAGE * ROWS>; // [depth][row]
var<workgroup> w_stage: array<vec2<u32>, STAGE * 64u>;  // [depth][column]

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let x = lane % 16u;
    let y = lane / 16u;
    let row = group.y * ROWS;
    let column = group.x * 64u;
    let depth = shape.depth;
    var high: array<vec4<i32>, TILE>;
    var mixed: array<vec4<i32>, TILE>;
    var low: array<vec4<i32>, TILE>;
    for (var k = 0u; k < depth; k += STAGE) {
        for (var i = lane; i < STAGE * ROWS; i += 256u) {
            a_stage[i % STAGE * ROWS + i / STAGE] = a[(row + i / STAGE) * depth + k + i % STAGE];
        }
        for (var i = lane; i < STAGE * 64u; i += 256u) {
            w_stage[i % STAGE * 64u + i / STAGE] = w[(column + i / STAGE) * depth + k + i % STAGE];
        }
        workgroupBarrier();
        for (var s = 0u; s < STAGE; s++) {
            let w0 = w_stage[s * 64u + x];
            let w1 = w_stage[s * 64u + x + 16u];
            let w2 = w_stage[s * 64u + x + 32u];
            let w3 = w_stage[s * 64u + x + 48u];
            for (var r = 0u; r < TILE; r++) {
                let v = a_stage[s * ROWS + y + 16u * r];
                high[r] += vec4<i32>(
                    dot4I8Packed(v.x, w0.x), dot4I8Packed(v.x, w1.x), dot4I8Packed(v.x, w2.x), dot4I8Packed(v.x, w3.x),
                );
                mixed[r] += vec4<i32>(
                    dot4I8Packed(v.x, w0.y) + dot4I8Packed(v.y, w0.x),
                    dot4I8Packed(v.x, w1.y) + dot4I8Packed(v.y, w1.x),
                    dot4I8Packed(v.x, w2.y) + dot4I8Packed(v.y, w2.x),
                    dot4I8Packed(v.x, w3.y) + dot4I8Packed(v.y, w3.x),
                );
                low[r] += vec4<i32>(
                    dot4I8Packed(v.y, w0.y), dot4I8Packed(v.y, w1.y), dot4I8Packed(v.y, w2.y), dot4I8Packed(v.y, w3.y),
                );
            }
        }
        workgroupBarrier();
    }
    for (var r = 0u; r < TILE; r++) {
        for (var c = 0u; c < 4u; c++) {
            let sum = add(add(left(long(high[r][c]), 16), left(long(mixed[r][c]), 8)), long(low[r][c]));
            finish(sum, row + y + 16u * r, column + x + 16u * c);
        }
    }
}
