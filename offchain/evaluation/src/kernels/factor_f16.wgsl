// Products in f16: factors as f16, sums of short chains of them as f16, and sums of these as f32.

alias Factor = f16;

// A number beyond f16 becomes NaN: its conversion may as well give the largest number.
fn factors(values: vec4<f32>) -> vec4<f16> {
    let beyond = abs(values) > vec4<f32>(65504.0);
    return vec4<f16>(select(values, broken(values), beyond));
}

// NaN instead of an infinity, of which a function would make a number again.
fn sound(sums: vec4<f32>) -> vec4<f32> {
    let exponents = vec4<u32>(0x7f800000u);
    return select(sums, broken(sums), (bitcast<vec4<u32>>(sums) & exponents) == exponents);
}

// NaNs made of run-time bits (WGSL rejects constant ones).
fn broken(values: vec4<f32>) -> vec4<f32> {
    return bitcast<vec4<f32>>(bitcast<vec4<u32>>(values) | vec4<u32>(0x7fc00000u));
}
