// Matrix product for GPUs: a workgroup of ACROSS x DOWN lanes makes a tile of a * transpose(w), staged through
// workgroup memory 16 values of depth at a time. Lane (x, y) keeps LINES rows from LINES * y on and the 4 * FOURS
// columns x, x + ACROSS, x + 2 * ACROSS and so on, so that neighbouring lanes read and write neighbouring addresses.
// Must be called in uniform control flow. Rows of a and of w hold `depth` vec4s, a multiple of 4. A lane stages A_STEPS
// vec4s of a and W_STEPS of w. These numbers are set when the pipeline is made; a line with {r}, {c}, {p} or {q} then
// stands for LINES, FOURS, A_STEPS or W_STEPS lines. Factors in f16 are multiplied and summed in chains of the 16.

const LANES: u32 = ACROSS * DOWN;
const HEIGHT: u32 = DOWN * LINES;
const WIDTH: u32 = ACROSS * FOURS * 4u;
// Two vec4s more than it holds: lanes that store neighbouring depths then meet in no bank.
const A_PITCH: u32 = HEIGHT + 2u;
const W_PITCH: u32 = WIDTH + 2u;

var<workgroup> a_tile: array<vec4<Factor>, 4u * A_PITCH>; // [depth 4][row]
var<workgroup> w_tile: array<vec4<Factor>, 4u * W_PITCH>; // [depth 4][column]

fn product(row: u32, column: u32, depth: u32, lane: u32) -> array<vec4<f32>, LINES * FOURS> {
    let x = lane % ACROSS;
    let y = lane / ACROSS * LINES;
    let line = lane / 4u;
    let step = lane % 4u;
    var tile: array<vec4<f32>, LINES * FOURS>;
    for (var k = 0u; k < depth; k += 4u) {
        let from_{p} = row + line + {p}u * LANES / 4u;
        a_tile[step * A_PITCH + line + {p}u * LANES / 4u] = factors(a[from_{p} * depth + k + step]);
        let of_{q} = column + line + {q}u * LANES / 4u;
        w_tile[step * W_PITCH + line + {q}u * LANES / 4u] = vec4<Factor>(w[of_{q} * depth + k + step]);
        var chain: array<vec4<Factor>, LINES * FOURS>; // f16 only
        workgroupBarrier();
        for (var s = 0u; s < 4u; s++) {
            let w_{c} = columns(s * W_PITCH + x + {c}u * 4u * ACROSS);
            let a_{r} = a_tile[s * A_PITCH + y + {r}u];
            tile[{r}u * FOURS + {c}u] = fused(a_{r}, w_{c}, tile[{r}u * FOURS + {c}u]); // f32 only
            chain[{r}u * FOURS + {c}u] = fused(a_{r}, w_{c}, chain[{r}u * FOURS + {c}u]); // f16 only
        }
        tile[{r}u * FOURS + {c}u] += vec4<f32>(chain[{r}u * FOURS + {c}u]); // f16 only
        workgroupBarrier();
    }
    tile[{r}u * FOURS + {c}u] = sound(tile[{r}u * FOURS + {c}u]); // f16 only
    return tile;
}

// One depth of four of a lane's columns in each column, the first of them at `at`: each number of a row of a then takes
// one fused step.
fn columns(at: u32) -> mat4x4<Factor> {
    let first = w_tile[at];
    let second = w_tile[at + ACROSS];
    return transpose(mat4x4<Factor>(first, second, w_tile[at + 2u * ACROSS], w_tile[at + 3u * ACROSS]));
}

// sum + v.x * m[0] + v.y * m[1] + v.z * m[2] + v.w * m[3], one after the other.
fn fused(v: vec4<Factor>, m: mat4x4<Factor>, sum: vec4<Factor>) -> vec4<Factor> {
    let xy = fma(vec4<Factor>(v.y), m[1], fma(vec4<Factor>(v.x), m[0], sum));
    return fma(vec4<Factor>(v.w), m[3], fma(vec4<Factor>(v.z), m[2], xy));
}
