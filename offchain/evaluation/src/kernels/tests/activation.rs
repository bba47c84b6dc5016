use super::*;
use crate::kernels::{Epilogue, Function};
use crate::model::Activation;
use crate::reference::ops;

/// The function of each number, through a product with one.
fn apply(bench: &Bench, function: Function, x: &[f32]) -> Vec<f32> {
    let (all, depth) = (bench.pad_count(x.len()), bench.pad(1));
    let weight = bench.matrix(&[1.0], 1, u64::MAX);
    let bias = bench.bias(&[0.0], &weight);
    let operand = Operand { weight: &weight, bias: &bias };
    let out = bench.zeros(all * depth);
    let a = bench.upload(&pad_rows(x, 1, depth, all));
    let steps = bench.kernels.product(Epilogue::Apply(function), all, operand, [&a, &out]);
    bench.run(steps, &out, all * depth).into_iter().step_by(depth).take(x.len()).collect()
}

/// From -12 to 12 in small steps, and far beyond.
fn sweep() -> Vec<f32> {
    let near = (-3000..=3000).map(|i| i as f32 * 0.004);
    near.chain([-1e30, -1e4, -88.0, 88.0, 1e4, 1e30, 1e-20, -1e-6]).collect()
}

#[test]
fn functions_of_layers() {
    for activation in [Activation::Silu, Activation::GeluTanh, Activation::GeluErf, Activation::Relu] {
        let x = sweep();
        let expected = ops::activated(activation, &widen(&x));
        for bench in benches() {
            for ((x, found), expected) in
                x.iter().zip(apply(bench, Function::Activation(activation), &x)).zip(&expected)
            {
                // All are x times a number between 0 and 1, and that is what is approximated.
                let error = (f64::from(found) - expected).abs() / f64::from(x.abs()).max(1e-30);
                assert!(error <= 1e-6, "{activation:?}({x}) = {found}, not {expected}, {:?}", bench.style);
            }
        }
    }
}

#[test]
fn tanh_of_poolers() {
    let x = sweep();
    for bench in benches() {
        for (x, found) in x.iter().zip(apply(bench, Function::Tanh, &x)) {
            let expected = f64::from(*x).tanh();
            let error = (f64::from(found) - expected).abs() / expected.abs().max(1e-30);
            assert!(error <= 2e-6, "tanh({x}) = {found}, not {expected}, {:?}", bench.style);
        }
    }
}

/// A function must not turn what is not a number into one.
#[test]
fn not_a_number_stays_so() {
    let functions = [Activation::Silu, Activation::GeluTanh, Activation::GeluErf, Activation::Relu];
    for function in functions.map(Function::Activation).into_iter().chain([Function::Tanh]) {
        for bench in benches() {
            let found = apply(bench, function, &[1.0, f32::NAN]);
            assert!(found[0].is_finite() && found[1].is_nan(), "{function:?}: {found:?}, {:?}", bench.style);
        }
    }
}
