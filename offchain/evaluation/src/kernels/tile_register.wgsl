// Matrix product for CPU-like devices: each lane keeps an 8 x 8 tile of a * transpose(w) in registers and shares
// nothing, so there is no barrier. Rows of a and of w hold `depth` vec4s.

struct Tile {
    low: array<vec4<f32>, 8>,  // columns 0..4 of each row
    high: array<vec4<f32>, 8>, // columns 4..8
}

fn product(row: u32, column: u32, depth: u32) -> Tile {
    var tile: Tile;
    var ai = row * depth;
    var wi = column * depth;
    for (var k = 0u; k < depth; k++) {
        // A column of each matrix is a row of w: `vector * matrix` is then four dot products.
        let low = mat4x4<f32>(w[wi], w[wi + depth], w[wi + 2u * depth], w[wi + 3u * depth]);
        let high = mat4x4<f32>(
            w[wi + 4u * depth], w[wi + 5u * depth], w[wi + 6u * depth], w[wi + 7u * depth],
        );
        for (var r = 0u; r < 8u; r++) {
            let v = a[ai + r * depth];
            tile.low[r] += v * low;
            tile.high[r] += v * high;
        }
        ai += 1u;
        wi += 1u;
    }
    return tile;
}
