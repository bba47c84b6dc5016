struct Case {
    a: vec2<u32>,
    b: vec2<u32>,
    n: i32,
    bound: i32,
}

@group(0) @binding(0) var<uniform> count: u32;
@group(0) @binding(1) var<storage, read> cases: array<Case>;
@group(0) @binding(2) var<storage, read_write> out: array<array<vec2<u32>, 16>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= count { return; }
    let c = cases[id.x];
    let a = i32(c.a.x);
    let b = i32(c.b.x);
    let positive = vec2<u32>(c.a.x, c.a.y & 0x3fffffffu);
    out[id.x] = array<vec2<u32>, 16>(
        add(c.a, c.b),
        subtract(c.a, c.b),
        times(a, b),
        times_unsigned(c.a.x, c.b.x),
        times_mixed(a, c.b.x),
        rs(c.a, c.n),
        long(rs32(a, c.n)),
        long(saturate_to(c.a, c.n - 40, c.bound)),
        vec2<u32>(leading31(vec2<u32>(positive.x | 1u, positive.y)), 0u),
        vec2<u32>(root(positive), 0u),
        divide(positive, (c.b.x >> 1u) | 1u),
        long(bits(magnitude(c.a))),
        left(c.a, c.n),
        select(vec2<u32>(0u, 0u), vec2<u32>(1u, 0u), less(c.a, c.b)),
        negate(c.a),
        long(bits32(c.a.x)),
    );
}
