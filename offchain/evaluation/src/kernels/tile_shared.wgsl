// Matrix product for GPUs: a workgroup of 16 x 16 lanes makes a 64 x 64 tile of a * transpose(w), staged through
// workgroup memory 16 values of depth at a time. Lane (x, y) keeps rows 4y..4y+4 and columns x, x+16, x+32, x+48,
// so that neighbouring lanes read and write neighbouring addresses. Must be called in uniform control flow.
// Rows of a and of w hold `depth` vec4s, a multiple of 4.

var<workgroup> a_tile: array<vec4<f32>, 256>; // [depth 4][row 64]
var<workgroup> w_tile: array<vec4<f32>, 256>; // [depth 4][column 64]

fn product(row: u32, column: u32, depth: u32, lane: u32) -> array<vec4<f32>, 4> {
    let x = lane % 16u;
    let y = (lane / 16u) * 4u;
    let line = lane / 4u;
    let step = lane % 4u;
    var tile: array<vec4<f32>, 4>;
    for (var k = 0u; k < depth; k += 4u) {
        a_tile[step * 64u + line] = a[(row + line) * depth + k + step];
        w_tile[step * 64u + line] = w[(column + line) * depth + k + step];
        workgroupBarrier();
        for (var s = 0u; s < 256u; s += 64u) {
            // A column of the matrix is a row of w: `vector * matrix` is then four dot products.
            let columns = mat4x4<f32>(w_tile[s + x], w_tile[s + x + 16u], w_tile[s + x + 32u], w_tile[s + x + 48u]);
            tile[0] += a_tile[s + y] * columns;
            tile[1] += a_tile[s + y + 1u] * columns;
            tile[2] += a_tile[s + y + 2u] * columns;
            tile[3] += a_tile[s + y + 3u] * columns;
        }
        workgroupBarrier();
    }
    return tile;
}
