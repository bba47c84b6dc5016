// x / 2 * (1 + tanh(u)) with u = sqrt(2/pi) * (x + 0.044715 x^3), which is x / (1 + exp(-2u)): no device's tanh, which
// may overflow, is asked.

fn activate(x: f32) -> f32 {
    let twice = 1.5957691216057308 * (x + 0.044715 * x * x * x);
    return x / (1.0 + exp(-twice));
}
