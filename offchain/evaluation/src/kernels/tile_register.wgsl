// Matrix product for CPU-like devices: each lane keeps a tile of LINES rows x 4 * FOURS columns of a * transpose(w)
// in registers and shares nothing, so there is no barrier. Rows of a and of w hold `depth` vec4s. These numbers and
// HALVES, half of FOURS, are set when the pipeline is made; a line with {r}, {c} or {h} then stands for as many lines.
// Factors in f16 are multiplied and summed in chains of four.

fn product(row: u32, column: u32, depth: u32) -> array<vec4<f32>, LINES * FOURS> {
    var tile: array<vec4<f32>, LINES * FOURS>;
    var ai = row * depth;
    var wi = column * depth;
    for (var k = 0u; k < depth; k++) {
        // A column of each matrix is a row of w: `vector * matrix` is then four dot products.
        let w_{c} = lines(wi + {c}u * 4u * depth, depth);
        let a_{r} = factors(a[ai + {r}u * depth]);
        tile[{r}u * FOURS + {c}u] += vec4<f32>(a_{r} * w_{c});
        ai += 1u;
        wi += 1u;
    }
    tile[{r}u * FOURS + {c}u] = sound(tile[{r}u * FOURS + {c}u]); // f16 only
    return tile;
}

// The vec4s of four rows of w, the first of them at `at`.
fn lines(at: u32, depth: u32) -> mat4x4<Factor> {
    let first = vec4<Factor>(w[at]);
    let second = vec4<Factor>(w[at + depth]);
    return mat4x4<Factor>(first, second, vec4<Factor>(w[at + 2u * depth]), vec4<Factor>(w[at + 3u * depth]));
}
