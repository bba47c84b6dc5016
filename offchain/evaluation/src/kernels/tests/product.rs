use super::*;
use crate::kernels::{Epilogue, Function};
use crate::model::Activation;
use crate::reference::ops;

/// A product of random numbers: rows, inputs, outputs, bytes of a shard, what weights are stored in and multiplied in.
#[derive(Debug, Clone)]
struct Case {
    rows: usize,
    inner: usize,
    outer: usize,
    bytes: u64,
    precision: Precision,
    products: Precision,
    seed: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let depth = prop_oneof![4 => 1usize..200, 1 => 3000usize..=4096];
    let numbers = (1usize..150, depth, 1usize..140, shards(), precision(), precision(), any::<u64>());
    numbers.prop_map(|(rows, inner, outer, bytes, precision, products, seed)| {
        // At the least, a shard is a granule of rows.
        let deep = inner > 1000;
        let bytes = if deep { bytes.max(2 << 20) } else { bytes };
        let [rows, outer] = [rows, outer].map(|n| if deep { n.min(70) } else { n });
        Case { rows, inner, outer, bytes, precision, products, seed }
    })
}

impl Case {
    fn a(&self) -> Vec<f32> {
        random(self.rows * self.inner, self.seed)
    }

    /// A weight and a bias; `which` tells several apart.
    fn operand(&self, which: u64) -> (Vec<f32>, Vec<f32>) {
        (
            rounded(self.precision, random(self.outer * self.inner, !self.seed ^ which)),
            random(self.outer, self.seed / 7 + which),
        )
    }

    /// `a · wᵀ + bias`.
    fn expected(&self, (w, bias): &(Vec<f32>, Vec<f32>)) -> Vec<f64> {
        let product = ops::matmul(&widen(&self.a()), &widen(w), self.inner);
        product.iter().zip(widen(bias).iter().cycle()).map(|(x, bias)| x + bias).collect()
    }

    fn tolerance(&self) -> f64 {
        tolerance(self.precision, self.products)
    }

    /// On the device; the output, `outer` wide, starts as `start`.
    fn found(&self, bench: &Bench, epilogue: Epilogue, w: &[f32], bias: &[f32], start: &[f32]) -> Vec<f32> {
        let (all, depth, width) = (bench.pad_count(self.rows), bench.pad(self.inner), bench.pad(self.outer));
        let weight = bench.stored(self.precision, w, self.inner, self.bytes);
        let bias = bench.bias(bias, &weight);
        let a = bench.upload(&pad_rows(&self.a(), self.inner, depth, all));
        let out = bench.upload(&pad_rows(start, self.outer, width, all));
        let operand = Operand { weight: &weight, bias: &bias };
        let steps = bench.multiplying(self.products).product(epilogue, all, operand, [&a, &out]);
        crop_rows(&bench.run(steps, &out, all * width), width, self.outer, self.rows)
    }
}

fn function() -> impl Strategy<Value = Activation> {
    use Activation::{GeluErf, GeluTanh, Relu, Silu};
    prop_oneof![Just(Silu), Just(GeluTanh), Just(GeluErf), Just(Relu)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn stores(case in case()) {
        let operand = case.operand(0);
        let expected = case.expected(&operand);
        for bench in tiles() {
            let start = vec![7.0; case.rows * case.outer];
            let found = case.found(bench, Epilogue::Store, &operand.0, &operand.1, &start);
            let error = error(&found, &expected);
            prop_assert!(error < case.tolerance(), "{}: {error:e}", bench.tile);
        }
    }

    #[test]
    fn adds_to_the_stream(case in case()) {
        let operand = case.operand(0);
        let start = random(case.rows * case.outer, case.seed / 2);
        let expected: Vec<f64> =
            case.expected(&operand).iter().zip(widen(&start)).map(|(x, start)| x + start).collect();
        for bench in tiles() {
            let error = error(&case.found(bench, Epilogue::Add, &operand.0, &operand.1, &start), &expected);
            prop_assert!(error < case.tolerance(), "{}: {error:e}", bench.tile);
        }
    }

    #[test]
    fn applies_a_function(case in case(), activation in function()) {
        let operand = case.operand(0);
        let expected = ops::activated(activation, &case.expected(&operand));
        for bench in tiles() {
            let start = vec![7.0; case.rows * case.outer];
            let epilogue = Epilogue::Apply(Function::Activation(activation));
            let error = error(&case.found(bench, epilogue, &operand.0, &operand.1, &start), &expected);
            prop_assert!(error < case.tolerance(), "{}: {error:e}", bench.tile);
        }
    }

    #[test]
    fn gates(case in case(), activation in function()) {
        let (gate, up) = (case.operand(0), case.operand(1));
        let expected = ops::product(&ops::activated(activation, &case.expected(&gate)), &case.expected(&up));
        for bench in tiles() {
            // Gate and up rows in runs, as the kernel wants them.
            let (run, width) = (bench.tile.interleave(), bench.pad(case.outer));
            let runs = |gate: &[f32], up: &[f32], columns: usize| -> Vec<f32> {
                let [gate, up] = [gate, up].map(|w| pad_rows(w, columns, columns, width));
                let runs = gate.chunks_exact(run * columns).zip(up.chunks_exact(run * columns));
                runs.flat_map(|(gate, up)| [gate, up].concat()).collect()
            };
            let (w, bias) = (runs(&gate.0, &up.0, case.inner), runs(&gate.1, &up.1, 1));
            let start = vec![7.0; case.rows * case.outer];
            let epilogue = Epilogue::Gate(Function::Activation(activation));
            let error = error(&case.found(bench, epilogue, &w, &bias, &start), &expected);
            prop_assert!(error < case.tolerance(), "{}: {error:e}", bench.tile);
        }
    }
}

/// As deep as models may be. Software adapters leave a lane's loops after 65,535 rounds in all.
#[test]
fn sums_the_whole_of_a_deep_row() {
    let depth = 32_768;
    for bench in tiles() {
        let a = bench.upload(&vec![1.0f32; bench.pad_count(1) * depth]);
        let weight = bench.matrix(&vec![1.0; depth], depth, u64::MAX);
        let bias = bench.bias(&[0.0], &weight);
        let out = bench.zeros(bench.pad_count(1) * weight.rows());
        let operand = Operand { weight: &weight, bias: &bias };
        let steps = bench.kernels.product(Epilogue::Store, bench.pad_count(1), operand, [&a, &out]);
        assert_eq!(bench.run(steps, &out, 1), [depth as f32], "{}", bench.tile);
    }
}

/// A number beyond f16, or a sum of a few, leaves its row as NaN whatever function follows, and no other row.
#[test]
fn shows_what_f16_cannot_hold() {
    let functions = [Activation::Relu, Activation::Silu, Activation::GeluErf, Activation::GeluTanh];
    let functions = functions.map(Function::Activation).into_iter().chain([Function::Tanh]);
    let epilogues: Vec<Epilogue> = functions.map(Epilogue::Apply).chain([Epilogue::Store, Epilogue::Add]).collect();
    for bench in tiles() {
        let (rows, depth) = (bench.pad_count(4), bench.pad(3));
        let weight = bench.stored(Precision::F16, &[-2.0, -2.0, 1.0], 3, u64::MAX);
        let bias = bench.bias(&[0.5], &weight);
        let operand = Operand { weight: &weight, bias: &bias };
        let states = [[65_505.0, 0.0, 0.0], [30_000.0, 1.0, -2.0], [30_000.0, 30_000.0, 0.0], [0.0, -3e38, 0.0]];
        let a = bench.upload(&pad_rows(&states.concat(), 3, depth, rows));
        for epilogue in &epilogues {
            let out = bench.zeros(rows * weight.rows());
            let steps = bench.half.product(*epilogue, rows, operand, [&a, &out]);
            let found = bench.run(steps, &out, rows * weight.rows());
            let nan: Vec<bool> = (0..4).map(|row| found[row * weight.rows()].is_nan()).collect();
            assert_eq!(nan, [true, false, true, true], "{}, {epilogue:?}", bench.tile);
        }
    }
}
