// tanh(x): its series near zero, where the quotient would cancel.

fn activate(x: f32) -> f32 {
    let s = x * x;
    let near = x * (1.0 + s * (-1.0 / 3.0 + s * (2.0 / 15.0 + s * (-17.0 / 315.0 + s * (62.0 / 2835.0)))));
    let far = 1.0 - 2.0 / (1.0 + exp(2.0 * x));
    return select(far, near, abs(x) < 0.3);
}
