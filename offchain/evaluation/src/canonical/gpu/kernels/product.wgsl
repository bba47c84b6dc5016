// out = a * transpose(w), exactly, then rounded and with the bias (rule 2). Rows of a and w hold `depth` pairs of limbs.

struct Shape {
    depth: u32, // pairs of words a row of a and of w
    width: u32, // numbers a row of out
    first: u32, // column of out where this weight's begin
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> exponents: array<vec2<i32>>; // of the stream, of a
@group(0) @binding(3) var<storage, read> w: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read> columns: array<Column>;
@group(0) @binding(5) var<storage, read_write> out: array<i32>;

fn finish(sum: Long, row: u32, column: u32) {
    let rule = columns[column];
    let plain = exponents[row].y + rule.exponent;
    let exponent = min(plain, rule.bias_exponent);
    let rounded = rs_to32(sum, rule.shift + plain - exponent);
    out[row * shape.width + shape.first + column] = rounded + rs32(rule.bias, rule.bias_exponent - exponent);
}
