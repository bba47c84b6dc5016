// The sum over a workgroup of 64 lanes, for each of them. Must be called in uniform control flow.

var<workgroup> partial: array<f32, 64>;

fn total(mine: f32, lane: u32) -> f32 {
    // Lanes may still read the sum of an earlier call.
    workgroupBarrier();
    partial[lane] = mine;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half /= 2u) {
        if lane < half {
            partial[lane] += partial[lane + half];
        }
        workgroupBarrier();
    }
    return partial[0];
}
