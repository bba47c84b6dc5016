use proptest::prelude::*;

use crate::canonical::gpu::kernels::{Kernels, ProductShape};
use crate::canonical::gpu::matrix::{Matrix, padded};
use crate::canonical::gpu::{CanonicalEngine, tests::engines};
use crate::canonical::quantise::{QuantisedMatrix, QuantisedVector};
use crate::canonical::reference::linear;
use crate::canonical::row::Row16;
use crate::engine::Device;
use crate::kernels::count;

/// The products of rows of 16-bit numbers on the device.
fn found(engine: &CanonicalEngine, rows: &[Row16], matrix: &QuantisedMatrix) -> Vec<Vec<i64>> {
    let CanonicalEngine { device, kernels, options, .. } = engine;
    let weight = Matrix::upload(device, &[matrix], options.shard).unwrap();
    let input = QuantisedMatrix {
        inputs: matrix.inputs,
        outputs: rows.len(),
        weight: rows.iter().flat_map(|row| row.values.iter().copied()).collect(),
        shift: vec![0; rows.len()],
        exponent: 0,
        bias: None,
    };
    // Rows are laid out in memory as those of weights are.
    let a = Matrix::upload(device, &[&input], usize::MAX / 2).unwrap();
    let mut exponents: Vec<[i32; 2]> = rows.iter().map(|row| [0, row.exponent]).collect();
    exponents.resize(padded(rows.len()), [0; 2]);
    let work = products(device, kernels, &weight, &a, &exponents);
    let rows = work.chunks_exact(weight.outputs).take(rows.len());
    rows.map(|row| row[..matrix.outputs].iter().copied().map(i64::from).collect()).collect()
}

fn products(device: &Device, kernels: &Kernels, weight: &Matrix, a: &Matrix, exponents: &[[i32; 2]]) -> Vec<i32> {
    let exponents_buffer = device.upload("exponents", exponents).unwrap();
    let numbers = exponents.len() * weight.outputs;
    let work = device.storage("products", 4 * numbers as u64).unwrap();
    let steps = weight.shards.iter().map(|shard| {
        let shape =
            ProductShape { depth: count(weight.depth), width: count(weight.outputs), first: count(shard.first) };
        let buffers = [&a.shards[0].weight, &exponents_buffer, &shard.weight, &shard.columns, &work];
        kernels.product(device, [exponents.len(), shard.outputs], &shape, buffers)
    });
    let steps: Vec<_> = steps.collect();
    device.run(&steps, &work, numbers).unwrap()
}

/// The shift that keeps every product of a matrix of `inputs` columns within 2^29.
fn shift(inputs: usize) -> u8 {
    let bound = 32_639 * 32_639 * inputs as i64;
    (64 - bound.leading_zeros()).saturating_sub(29) as u8
}

fn number() -> impl Strategy<Value = i16> {
    prop_oneof![2 => -32_639i16..=32_639, 1 => prop_oneof![Just(32_639i16), Just(-32_639), Just(127), Just(-128)]]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn products_are_exact_at_any_size(
        [rows, inputs, outputs] in [1usize..70, 1usize..300, 1usize..150],
        numbers in proptest::collection::vec(number(), 997),
        biased: bool,
        exponents in (-20i32..40, -20i32..40, -20i32..40),
    ) {
        let mut numbers = numbers.into_iter().cycle();
        let mut take = |count| numbers.by_ref().take(count).collect::<Vec<i16>>();
        let rows: Vec<Row16> =
            (0..rows).map(|row| Row16 { values: take(inputs), exponent: exponents.0 + row as i32 % 7 }).collect();
        let bias = QuantisedVector {
            mantissas: take(outputs).into_iter().map(|q| i32::from(q) << 13).collect(),
            exponent: exponents.1,
        };
        let matrix = QuantisedMatrix {
            inputs,
            outputs,
            weight: take(inputs * outputs),
            shift: (0..outputs).map(|output| shift(inputs) + output as u8 % 3).collect(),
            exponent: exponents.2,
            bias: biased.then_some(bias),
        };
        let expected: Vec<_> = rows.iter().map(|row| linear::product(row, &matrix).mantissas).collect();
        for engine in engines() {
            prop_assert_eq!(&found(engine, &rows, &matrix), &expected, "{:?}", engine.options);
        }
    }
}

/// The widest matrix that the lane allows, with the largest numbers: where sums of limbs would overflow first.
#[test]
fn the_widest_rows_do_not_overflow() {
    let inputs = 32_768;
    for (q, w) in
        [(32_639, 32_639), (32_639, 32_384), (-32_639, 32_639), (-32_640 + 128, -32_639), (127, -128), (-128, -128)]
    {
        let matrix = QuantisedMatrix {
            inputs,
            outputs: 2,
            weight: vec![w; 2 * inputs],
            shift: vec![shift(inputs); 2],
            exponent: 0,
            bias: None,
        };
        let row = Row16 { values: vec![q; inputs], exponent: 3 };
        let expected = linear::product(&row, &matrix).mantissas;
        for engine in engines() {
            assert_eq!(found(engine, std::slice::from_ref(&row), &matrix)[0], expected, "{:?}", engine.options);
        }
    }
}
