// 64-bit integers of two words, low word first; signed ones in two's complement. Nothing here depends on how a device
// treats floats, and integer overflow wraps everywhere.

alias Long = vec2<u32>;

const NOTHING: Long = vec2<u32>(0u, 0u);

fn long(x: i32) -> Long {
    return vec2<u32>(u32(x), u32(x >> 31u));
}

fn add(a: Long, b: Long) -> Long {
    let low = a.x + b.x;
    return vec2<u32>(low, a.y + b.y + u32(low < a.x));
}

fn negate(a: Long) -> Long {
    return add(vec2<u32>(~a.x, ~a.y), vec2<u32>(1u, 0u));
}

fn subtract(a: Long, b: Long) -> Long {
    return vec2<u32>(a.x - b.x, a.y - b.y - u32(a.x < b.x));
}

fn negative(a: Long) -> bool {
    return (a.y >> 31u) == 1u;
}

fn magnitude(a: Long) -> Long {
    return select(a, negate(a), negative(a));
}

fn magnitude32(a: i32) -> u32 {
    return u32(abs(a));
}

// Of numbers without a sign.
fn less(a: Long, b: Long) -> bool {
    return a.y < b.y || (a.y == b.y && a.x < b.x);
}

fn larger(a: Long, b: Long) -> Long {
    return select(a, b, less(a, b));
}

// Bit length, 0 of 0.
fn bits32(a: u32) -> i32 {
    return 32 - i32(countLeadingZeros(a));
}

fn bits(a: Long) -> i32 {
    return select(32 + bits32(a.y), bits32(a.x), a.y == 0u);
}

fn times_unsigned(a: u32, b: u32) -> Long {
    let al = a & 0xffffu;
    let ah = a >> 16u;
    let bl = b & 0xffffu;
    let bh = b >> 16u;
    let low = al * bl;
    let middle = ah * bl + (low >> 16u); // at most 2^32 - 2^16
    let other = al * bh + (middle & 0xffffu);
    return vec2<u32>(a * b, ah * bh + (middle >> 16u) + (other >> 16u));
}

fn times(a: i32, b: i32) -> Long {
    let product = times_unsigned(magnitude32(a), magnitude32(b));
    return select(product, negate(product), (a < 0) != (b < 0));
}

// A signed number times one without a sign.
fn times_mixed(a: i32, b: u32) -> Long {
    let product = times_unsigned(magnitude32(a), b);
    return select(product, negate(product), a < 0);
}

// a * b for a signed a and b without a sign, where the product fits.
fn times_long(a: Long, b: u32) -> Long {
    let low = times_unsigned(a.x, b);
    return vec2<u32>(low.x, low.y + a.y * b);
}

// n is at least 0; from 64 on the result is 0.
fn left(a: Long, n: i32) -> Long {
    if n == 0 { return a; }
    if n >= 64 { return NOTHING; }
    if n >= 32 { return vec2<u32>(0u, a.x << u32(n - 32)); }
    return vec2<u32>(a.x << u32(n), (a.y << u32(n)) | (a.x >> u32(32 - n)));
}

// Cuts bits off, without a sign; n is 0..=63.
fn right(a: Long, n: i32) -> Long {
    if n == 0 { return a; }
    if n >= 32 { return vec2<u32>(a.y >> u32(n - 32), 0u); }
    return vec2<u32>((a.x >> u32(n)) | (a.y << u32(32 - n)), a.y >> u32(n));
}

// a * 2^-n to the nearest, halves upwards, for n >= 0; |a| is below 2^62, so from 63 on the result is 0.
fn rs(a: Long, n: i32) -> Long {
    if n == 0 { return a; }
    if n >= 63 { return NOTHING; }
    let sign = u32(i32(a.y) >> 31u);
    let half = right(a, n - 1).x & 1u;
    var floor = right(a, n);
    if n >= 32 {
        floor = vec2<u32>(floor.x | select(sign << u32(64 - n), 0u, n == 32), sign);
    } else {
        floor.y |= sign << u32(32 - n);
    }
    return add(floor, vec2<u32>(half, 0u));
}

// The same where the result fits 32 bits.
fn rs_to32(a: Long, n: i32) -> i32 {
    return i32(rs(a, n).x);
}

fn rs32(a: i32, n: i32) -> i32 {
    if n == 0 { return a; }
    if n >= 32 { return 0; }
    return (a >> u32(n)) + ((a >> u32(n - 1)) & 1);
}

// a * 2^-n to the nearest, held within -bound and bound; n may be anything.
fn saturate_to(a: Long, n: i32, bound: i32) -> i32 {
    let size = magnitude(a);
    let most = u32(bound);
    if n >= 0 {
        let x = rs(a, n);
        if !less(magnitude(x), vec2<u32>(most, 0u)) {
            return select(bound, -bound, negative(a));
        }
        return i32(x.x);
    }
    if bits(size) == 0 { return 0; }
    if n < -31 || bits(size) - n > 31 {
        return select(bound, -bound, negative(a));
    }
    let x = min(size.x << u32(-n), most);
    return select(i32(x), -i32(x), negative(a));
}

// The 31 highest bits of a > 0, the others cut off; a shorter one is shifted left.
fn leading31(a: Long) -> u32 {
    let n = bits(a) - 31;
    if n >= 0 { return right(a, n).x; }
    return a.x << u32(-n);
}

// Largest s with s * s <= a.
fn root(a: Long) -> u32 {
    var rest = a;
    var found = NOTHING;
    for (var n = 62; n >= 0; n -= 2) {
        let trial = add(found, left(vec2<u32>(1u, 0u), n));
        found = right(found, 1);
        if !less(rest, trial) {
            rest = subtract(rest, trial);
            found = add(found, left(vec2<u32>(1u, 0u), n));
        }
    }
    return found.x;
}

// a / b without signs; b is below 2^31 and not 0.
fn divide(a: Long, b: u32) -> Long {
    var rest = 0u;
    var quotient = NOTHING;
    for (var n = 63; n >= 0; n--) {
        rest = (rest << 1u) | (right(a, n).x & 1u);
        quotient = left(quotient, 1);
        if rest >= b {
            rest -= b;
            quotient.x |= 1u;
        }
    }
    return quotient;
}
