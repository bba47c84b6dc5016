// Matrix product for CPU-like devices: each lane keeps a tile of LINES rows x 4 * FOURS columns of a * transpose(w)
// in registers and shares nothing, so there is no barrier. Rows of a and of w hold `depth` vec4s. These numbers and
// HALVES, half of FOURS, are set when the pipeline is made; a line with {r}, {c} or {h} then stands for as many lines.

fn product(row: u32, column: u32, depth: u32) -> array<vec4<f32>, LINES * FOURS> {
    var tile: array<vec4<f32>, LINES * FOURS>;
    var ai = row * depth;
    var wi = column * depth;
    for (var k = 0u; k < depth; k++) {
        // A column of each matrix is a row of w: `vector * matrix` is then four dot products.
        let w_{c} = lines(wi + {c}u * 4u * depth, depth);
        let a_{r} = a[ai + {r}u * depth];
        tile[{r}u * FOURS + {c}u] += a_{r} * w_{c};
        ai += 1u;
        wi += 1u;
    }
    return tile;
}

// The vec4s of four rows of w, the first of them at `at`.
fn lines(at: u32, depth: u32) -> mat4x4<f32> {
    let first = vec4<f32>(w[at]);
    let second = vec4<f32>(w[at + depth]);
    return mat4x4<f32>(first, second, vec4<f32>(w[at + 2u * depth]), vec4<f32>(w[at + 3u * depth]));
}
