// Products in f32.

alias Factor = f32;

fn factors(values: vec4<f32>) -> vec4<f32> {
    return values;
}
