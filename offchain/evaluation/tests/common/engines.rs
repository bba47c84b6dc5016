//! Engines of tests, and how far their results are from those expected.

use std::sync::OnceLock;

use inktensor_evaluation::model::Model;
use inktensor_evaluation::{AdapterChoice, Engine, Options, Style, Window};

/// The best adapter that is there, used as told.
pub fn open(options: Options) -> Engine {
    Engine::with_options(AdapterChoice::Fastest, options).expect("tests need a compute adapter")
}

/// Both styles of kernels on the best adapter that is there.
pub fn engines() -> [&'static Engine; 2] {
    static ENGINES: [OnceLock<Engine>; 2] = [OnceLock::new(), OnceLock::new()];
    [(Style::Register, &ENGINES[0]), (Style::Shared, &ENGINES[1])]
        .map(|(style, engine)| engine.get_or_init(|| open(Options { style: Some(style), ..Options::default() })))
}

/// Losses of windows.
pub fn nll(engine: &Engine, model: &Model, windows: &[Window]) -> Vec<f64> {
    let results = engine.nll(&engine.load(model).unwrap(), windows).unwrap();
    results.into_iter().map(|result| result.nll_nats).collect()
}

/// The highest difference, relative to the largest number.
pub fn difference(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(f64::MIN_POSITIVE, |scale, x| scale.max(x.abs()));
    let differences = found.iter().zip(expected).map(|(found, expected)| (f64::from(*found) - expected).abs());
    // `max` would drop a NaN.
    differences.fold(0.0, |worst: f64, d| if d.is_nan() { f64::INFINITY } else { worst.max(d) }) / scale
}

/// The difference of two losses, for each nat or each prediction, whichever is more.
pub fn difference_of_losses(found: f64, expected: f64, window: &Window) -> f64 {
    (found - expected).abs() / expected.max(window.predictions() as f64)
}
