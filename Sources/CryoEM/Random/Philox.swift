/// Philox4x32-10, the counter-based generator of Salmon et al. (SC'11): 128 bits of output are a function of
/// a 128-bit counter and a 64-bit key, with no state in between.
enum Philox {
    /// The 128 random bits of one counter under one key.
    @inline(__always)
    static func block(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var (c0, c1, c2, c3) = (counter[0], counter[1], counter[2], counter[3])
        var (k0, k1) = (key[0], key[1])
        var round = 0
        while round < 10 {
            let p0 = UInt64(c0) &* 0xD251_1F53
            let p1 = UInt64(c2) &* 0xCD9E_8D57
            let low0 = UInt32(truncatingIfNeeded: p0)
            let low1 = UInt32(truncatingIfNeeded: p1)
            c0 = UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0
            c2 = UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1
            c1 = low1
            c3 = low0
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
            round += 1
        }
        return SIMD4(c0, c1, c2, c3)
    }
}
