// Norms (rule 5): what they divide by.

const NONE: u32 = 0u;
const RMS: u32 = 1u;
const LAYER: u32 = 2u;

struct Norm {
    kind: u32,
    features: u32,
    root: u32,           // of the number of features, with 22 fractional bits
    epsilon_low: u32,    // features * epsilon * 2^epsilon_exponent
    epsilon_high: u32,
    epsilon_exponent: i32,
    gain_shift: i32,
    bias_shift: i32,
    exponent: i32,       // of the norm's row
    unused0: u32,
    unused1: u32,
    unused2: u32,
}

// What centred values are multiplied with, and the shift after it, for 22 fractional bits.
struct Scale {
    factor: u32,
    shift: i32,
}

// `squares` is the sum of the squares of the centred values, each shifted right by `reduction` to 16 bits.
fn scale_of(norm: Norm, squares: Long, exponent: i32, reduction: i32) -> Scale {
    if bits(squares) == 0 { return Scale(0u, 0); }
    let epsilon = vec2<u32>(norm.epsilon_low, norm.epsilon_high);
    var total: Long;
    var doubled = 2 * (exponent - reduction);
    let t = doubled - norm.epsilon_exponent;
    if t <= 0 {
        total = add(squares, rs(epsilon, -t));
    } else if t <= 14 {
        total = add(squares, left(epsilon, t));
    } else {
        total = add(rs(squares, t - 14), left(epsilon, 14));
        doubled -= t - 14;
    }
    var z = 62 - bits(total);
    z -= (doubled + z) & 1;
    let size = root(left(total, z));
    let factor = divide(vec2<u32>(0u, norm.root), size);
    return Scale(factor.x, 32 + exponent - (doubled + z) / 2);
}

fn normalised(x: i32, scale: Scale) -> i32 {
    return rs_to32(times_mixed(x, scale.factor), scale.shift);
}
