import Torch

/// Shifts of images by factors on their spectra, exp(-2 pi i k.t).
public struct PhaseRamp: Sendable {
    /// -2 pi k of rows, [R, 1], and columns, [R/2+1], k in cycles a pixel.
    private let rows: Tensor, columns: Tensor

    /// - Parameter box: side R of the images.
    public init(box: Int, dtype: DType = .float32, device: Device = .cpu) {
        let unit = -2 * Double.pi / Double(box)
        let values = (0..<box).map { Double($0 < box / 2 ? $0 : $0 - box) * unit }
        rows = Tensor(values, shape: [box, 1]).to(dtype).to(device)
        columns = Tensor.range(0, box / 2 + 1, dtype, on: device) * unit
    }

    /// Factors for shifts t in pixels along x and y, [..., 2]: [..., R, R/2+1]. The content moves by +t.
    public func factors(_ shifts: Tensor) -> Tensor {
        let last = shifts.shape.count - 1
        let x = shifts.select(last, 0).unsqueeze(-1).unsqueeze(-1)
        let y = shifts.select(last, 1).unsqueeze(-1).unsqueeze(-1)
        let angle = x * columns + y * rows
        return Tensor.polar(Tensor.ones(angle.shape, angle.dtype, on: angle.device), angle)
    }

    /// Factors that differentiate by a shift along x, [R/2+1], and along y, [R, 1], a pixel each.
    public var derivatives: (x: Tensor, y: Tensor) {
        func imaginary(_ values: Tensor) -> Tensor { Tensor.complex(values * 0, values) }
        return (imaginary(columns), imaginary(rows))
    }
}
