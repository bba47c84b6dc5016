//! Tests of the whole suite on the bundles that `scripts/build` makes. The tests are in `tests/`.
