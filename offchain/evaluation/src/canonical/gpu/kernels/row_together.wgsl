// A row to each workgroup of GROUP lanes, a power of two. What all lanes have is combined in workgroup memory; these
// functions must be called in uniform control flow.

const LANES: u32 = GROUP;

var<workgroup> gathered: array<Long, GROUP>;
var<workgroup> gathered4: array<vec4<u32>, GROUP>;

fn row_of(group: vec3<u32>, lane: u32) -> u32 {
    return group.y * 32768u + group.x;
}

// The lane's place among those of its row.
fn place_of(lane: u32) -> u32 {
    return lane;
}

// What lanes of a row wrote before, the others read after.
fn meet() {
    workgroupBarrier();
}

fn sum_all(x: Long, lane: u32) -> Long {
    gathered[lane] = x;
    workgroupBarrier();
    for (var half = GROUP / 2u; half > 0u; half /= 2u) {
        if lane < half {
            gathered[lane] = add(gathered[lane], gathered[lane + half]);
        }
        workgroupBarrier();
    }
    let total = gathered[0];
    workgroupBarrier();
    return total;
}

fn largest_all(x: Long, lane: u32) -> Long {
    gathered[lane] = x;
    workgroupBarrier();
    for (var half = GROUP / 2u; half > 0u; half /= 2u) {
        if lane < half {
            gathered[lane] = larger(gathered[lane], gathered[lane + half]);
        }
        workgroupBarrier();
    }
    let most = gathered[0];
    workgroupBarrier();
    return most;
}

fn sum4_all(x: vec4<u32>, lane: u32) -> vec4<u32> {
    gathered4[lane] = x;
    workgroupBarrier();
    for (var half = GROUP / 2u; half > 0u; half /= 2u) {
        if lane < half {
            gathered4[lane] += gathered4[lane + half];
        }
        workgroupBarrier();
    }
    let total = gathered4[0];
    workgroupBarrier();
    return total;
}
