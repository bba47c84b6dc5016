// 2^(-d / 2^point) by the table of powers, with 30 - drop fractional bits; point is 10 more than `fine`.
fn exponential(d: u32, fine: u32, drop: i32) -> u32 {
    let whole = d >> (fine + 10u);
    if whole >= 31u { return 0u; }
    let k = (d >> fine) & 1023u;
    let u = i32(d & ((1u << fine) - 1u));
    let line = powers[k] - rs32((powers[k] - powers[k + 1u]) * u, i32(fine));
    return u32(rs32(line, drop + i32(whole)));
}
