// Finiteness by bit pattern: a compiler that assumes "no NaN, no infinity" cannot remove it.

fn finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// A quiet NaN made of run-time bits (WGSL rejects constant ones).
fn poison(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) | 0x7fc00000u);
}
