//! Results that may only change together with the version of the arithmetic.

use inktensor_evaluation::canonical::{CanonicalModel, reference, transcript};
use inktensor_evaluation::model::Activation;
use inktensor_evaluation::{Digest, Window};

use crate::models::{self, Recipe};

/// The losses of three windows with 32 fractional bits, and the root over their leaves.
fn transcript_of(recipe: &Recipe) -> ([i64; 3], String) {
    let model = CanonicalModel::new(&recipe.model()).unwrap();
    let windows = [2, 17, 64].map(|length| recipe.window(length));
    let losses = windows.each_ref().map(|window| reference::nll(&model, window).unwrap());
    let evaluator = transcript::evaluator(b"");
    let leaf = |(window, loss): (&Window, _)| transcript::leaf(Digest::of(b"model"), window.digest(), evaluator, loss);
    let leaves: Vec<Digest> = windows.iter().zip(&losses).map(leaf).collect();
    (losses.map(|loss| loss.nll), transcript::root(&leaves).unwrap().to_string())
}

fn digest(numbers: &[i32]) -> String {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    Digest::of(&bytes).to_string()
}

#[test]
fn transcripts_are_the_published_ones() {
    let found = [models::llama(), models::qwen3(), models::gpt2()].map(|recipe| transcript_of(&recipe));
    let published = [
        (
            [46105699998, 494785611593, 2033108281468],
            "470f1eebc79839b33e820356f7cc307b453710e3876a26bf60c3ed1125d3d6a8",
        ),
        (
            [24960426066, 311330799493, 1116799611457],
            "fdf649110e33b672e87dc7b0514c95df06de2cc5181b45e3c7bee210dfcfc51d",
        ),
        (
            [47922055739, 466807626602, 1932413707001],
            "a7f2418cfbb261a11bf39fedc7931695135e877c0edf3e3bb41bcef8184e5304",
        ),
    ];
    assert_eq!(found, published.map(|(losses, root)| (losses, root.to_owned())));
}

#[test]
fn outputs_are_the_published_ones() {
    let tokens = models::bert().tokens(40);
    let bert = CanonicalModel::new(&models::bert().model()).unwrap();
    let classifier = CanonicalModel::new(&models::classifier().model()).unwrap();
    let perceptron = models::perceptron(&[3, 20, 4], Activation::Silu, 1, |_, weight| weight);
    let perceptron = CanonicalModel::new(&perceptron).unwrap();
    let found = [
        digest(&reference::embed(&bert, &tokens).unwrap()),
        digest(&reference::classify(&classifier, &tokens).unwrap()),
        digest(&reference::perceive(&perceptron, &[0.5, -1.25, 3.0]).unwrap()),
    ];
    let published = [
        "b4bcdfa905a28b3f63a1e4fdded78e49db119516e4e58de7780a3a969f71d13d",
        "e56a3165e4e6adfb88aea2c1d98c6f68d5cd5ffe9ea46bd056f4caba4bd3e3b5",
        "1bd48bb1728c6ffb7713593601179a34a0ffa1de186fb226557e1982432c00c8",
    ];
    assert_eq!(found, published);
}
