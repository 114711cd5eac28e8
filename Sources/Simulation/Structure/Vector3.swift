/// The few operations on points in Angstrom that structures need beside `Rotation`.
extension SIMD3 where Scalar == Double {
    func dot(_ other: Self) -> Double { (self * other).sum() }

    var length: Double { dot(self).squareRoot() }
}
