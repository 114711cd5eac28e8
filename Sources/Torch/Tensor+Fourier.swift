/// Discrete Fourier transforms: unscaled forward, 1/n inverse; the half plane is that of the last side.
extension Tensor {
    /// Last two sides: real [..., h, w] -> complex [..., h, w/2+1].
    public func rfft2() -> Tensor { Operators.rfft2(.tensor(self)) }
    /// Back to real [..., height, width].
    public func irfft2(_ height: Int, _ width: Int) -> Tensor {
        Operators.irfft2(.tensor(self), .ints([height, width]))
    }
    public func rfftn(_ dimensions: [Int]) -> Tensor {
        Operators.rfftn(.tensor(self), .none, .ints(dimensions))
    }
    public func irfftn(_ sides: [Int], _ dimensions: [Int]) -> Tensor {
        Operators.irfftn(.tensor(self), .ints(sides), .ints(dimensions))
    }
    public func fftn(_ dimensions: [Int]) -> Tensor {
        Operators.fftn(.tensor(self), .none, .ints(dimensions))
    }
    public func ifftn(_ dimensions: [Int]) -> Tensor {
        Operators.ifftn(.tensor(self), .none, .ints(dimensions))
    }
    /// Zero frequency from index 0 to index n/2, and back.
    public func fftshift(_ dimensions: [Int]) -> Tensor {
        Operators.fftshift(.tensor(self), .ints(dimensions))
    }
    public func ifftshift(_ dimensions: [Int]) -> Tensor {
        Operators.ifftshift(.tensor(self), .ints(dimensions))
    }

    /// Complex from modulus and angle, or from real and imaginary part.
    public static func polar(_ modulus: Tensor, _ angle: Tensor) -> Tensor {
        Operators.polar(.tensor(modulus), .tensor(angle))
    }
    public static func complex(_ real: Tensor, _ imaginary: Tensor) -> Tensor {
        Operators.complex(.tensor(real), .tensor(imaginary))
    }
    /// Complex [...] as its parts, real [..., 2].
    public func parts() -> Tensor { Operators.viewAsReal(.tensor(self)) }
    public func real() -> Tensor { Operators.real(.tensor(self)) }
    public func imaginary() -> Tensor { Operators.imag(.tensor(self)) }
    public func conjugate() -> Tensor { Operators.conj(.tensor(self)) }
}
