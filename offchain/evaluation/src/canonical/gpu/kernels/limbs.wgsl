// Numbers of 16 bits as two limbs of signed 8 bits, q = 256 * high + low; four numbers are a word of high limbs and a
// word of low ones. And the exponents of rows, see CANONICAL.md, rules 0 and 2.

const ZERO: i32 = 150; // exponent of zeros, and the largest
const LARGEST: u32 = 32639u;

struct Column {
    shift: i32,    // of the sum, to the product's exponent
    exponent: i32, // what the product adds to that of its input
    bias: i32,
    bias_exponent: i32, // BIASLESS where there is none
}

fn pack(q: vec4<i32>) -> vec2<u32> {
    let high = vec4<u32>((q + 128) >> vec4<u32>(8u)) & vec4<u32>(255u);
    let low = vec4<u32>(q) & vec4<u32>(255u);
    let at = vec4<u32>(0u, 8u, 16u, 24u);
    let h = high << at;
    let l = low << at;
    return vec2<u32>(h.x | h.y | h.z | h.w, l.x | l.y | l.z | l.w);
}

// The four signed bytes of a word.
fn limbs(word: u32) -> vec4<i32> {
    return vec4<i32>(vec4<u32>(word) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u);
}

fn unpack(pair: vec2<u32>) -> vec4<i32> {
    return 256 * limbs(pair.x) + limbs(pair.y);
}

// The exponent of a product whose input has the exponent e.
fn product_exponent(e: i32, column: Column) -> i32 {
    return min(e + column.exponent, column.bias_exponent);
}

// The shift that rounds a row with this largest magnitude to 16 bits.
fn shift_to_16(most: Long, exponent: i32) -> i32 {
    let shift = max(max(exponent - ZERO, bits(most) - 15), 0);
    return shift + select(0, 1, rs(most, shift).x > LARGEST);
}

// The exponent of that row.
fn exponent_of_16(most: Long, exponent: i32, shift: i32) -> i32 {
    return select(exponent - shift, ZERO, bits(most) == 0);
}
