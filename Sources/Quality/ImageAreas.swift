import CryoEM
import CryoIO

/// Area under the shell correlation of two maps as CryoBench defines it.
///
/// Both maps are multiplied by the mask; the magnitude of the correlation in shells of one frequency step, 1
/// at the frequency 0, is integrated by the trapezoid rule over 0 ... 0.5 cycles per pixel. Equal maps have
/// 0.5.
///
/// CryoBench's own program puts the edges of its shells at whole steps and ends one step before 0.5; here
/// shells are centred on whole steps and reach 0.5.
public enum CorrelationArea {
    public static func area(_ a: DensityMap, _ b: DensityMap, mask: DensityMap) throws -> Double {
        area(try FSC(a, b, mask: mask).values)
    }

    /// - Parameter values: correlation at the shells 0 ... N/2.
    public static func area(_ values: [Double]) -> Double {
        guard values.count > 1 else { return 0 }
        let heights = [1] + values.dropFirst().map(\.magnitude)
        let step = 0.5 / Double(values.count - 1)
        return zip(heights, heights.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 * step }
    }

    /// `count` rows at even steps through a set, or all of a smaller one.
    public static func rows(_ count: Int, of particles: Int) -> [Int] {
        let count = min(count, particles)
        return (0..<count).map { $0 * particles / count }
    }
}
