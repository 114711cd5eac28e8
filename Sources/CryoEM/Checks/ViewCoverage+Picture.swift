import Foundation

extension ViewCoverage {
    /// The whole sphere of views in Mollweide's projection, which keeps areas: z up, +x in the middle, +y to
    /// the right of it.
    ///
    /// - Parameter width: pixels; the height is half of it.
    /// - Returns: `[width / 2][width]`, row 0 at the top: particles over the mean of all pixels of the grid;
    ///   NaN outside the sphere.
    public func picture(width: Int) -> [Float] {
        let height = width / 2
        let mean = max(1e-30, Double(counts.reduce(0, +)) / Double(counts.count))
        var values = [Float](repeating: .nan, count: width * height)
        for row in 0..<height {
            let y = 1 - 2 * (Double(row) + 0.5) / Double(height)
            let auxiliary = asin(y)
            let sine = (2 * auxiliary + sin(2 * auxiliary)) / .pi
            for column in 0..<width {
                let x = 2 * (2 * (Double(column) + 0.5) / Double(width) - 1)
                let phi = .pi * x / (2 * cos(auxiliary))
                guard abs(phi) <= .pi, abs(sine) <= 1 else { continue }
                let pixel = Self.grid.nested(theta: acos(sine), phi: phi)
                values[row * width + column] = Float(Double(counts[pixel]) / mean)
            }
        }
        return values
    }
}
