use std::sync::OnceLock;

use bytemuck::{Pod, Zeroable};
use proptest::prelude::*;
use wgpu::ComputePipeline;

use crate::canonical::number::{bits, leading, rs, saturate};
use crate::engine::{AdapterChoice, Device};
use crate::kernels::{Step, count, pipeline};

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Case {
    a: i64,
    b: i64,
    n: i32,
    bound: i32,
}

/// Numbers of every size, and those where carries and signs meet.
fn wide() -> impl Strategy<Value = i64> {
    let edge = prop_oneof![Just(0i64), Just(1), Just(0xffff_ffff), Just(1 << 32), Just(1 << 31), Just((1 << 62) - 1)];
    let short = (any::<i64>(), 2u32..64).prop_map(|(x, cut)| x >> cut);
    (prop_oneof![3 => short, 1 => edge], -1i64..2, any::<bool>()).prop_map(|(x, step, negative)| {
        let x = (x + step).clamp(1 - (1 << 62), (1 << 62) - 1);
        if negative { -x } else { x }
    })
}

fn case() -> impl Strategy<Value = Case> {
    (wide(), wide(), 0i32..72, 1u32..31).prop_map(|(a, b, n, power)| Case { a, b, n, bound: 1 << power })
}

/// The same in 64 and 128 bits.
fn expected(case: &Case) -> [i64; 16] {
    let Case { a, b, n, bound } = *case;
    let (small, other) = (a as i32, b as i32);
    let (unsigned, factor) = (a as u32, b as u32);
    let positive = a & ((1 << 62) - 1);
    [
        a + b,
        a - b,
        i64::from(small) * i64::from(other),
        (u64::from(unsigned) * u64::from(factor)) as i64,
        i64::from(small) * i64::from(factor),
        rs(a, n),
        rs(i64::from(small), n),
        saturate(a, n - 40, i64::from(bound)),
        leading(positive | 1, 31),
        (positive as u64).isqrt() as i64,
        positive / i64::from(factor >> 1 | 1),
        i64::from(bits(a)),
        a.checked_shl(n as u32).unwrap_or(0),
        i64::from((a as u64) < (b as u64)),
        -a,
        i64::from(32 - unsigned.leading_zeros()),
    ]
}

fn bench() -> &'static (Device, ComputePipeline) {
    static BENCH: OnceLock<(Device, ComputePipeline)> = OnceLock::new();
    BENCH.get_or_init(|| {
        let (device, _) = Device::open(&AdapterChoice::Fastest).expect("tests need a compute adapter");
        let sources = [include_str!("../kernels/number.wgsl"), include_str!("number.wgsl")];
        let pipeline = pipeline(&device, &sources, "main");
        device.check().expect("the kernel compiles");
        (device, pipeline)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn two_words_compute_as_64_bits_do(cases in proptest::collection::vec(case(), 512)) {
        let (device, pipeline) = bench();
        let shape = device.uniform(&count(cases.len()));
        let input = device.upload("cases", &cases).unwrap();
        let out = device.storage("results", (cases.len() * size_of::<[i64; 16]>()) as u64).unwrap();
        let step = Step::new(device, pipeline, &[&shape, &input, &out], [cases.len().div_ceil(64), 1, 1]);
        let found: Vec<[i64; 16]> = device.run(&[step], &out, cases.len()).unwrap();
        for (case, found) in cases.iter().zip(found) {
            prop_assert_eq!(found, expected(case), "{:?}", case);
        }
    }
}
