/// Element by element; sides broadcast as in libtorch.
extension Tensor {
    public static func + (a: Tensor, b: Tensor) -> Tensor { Operators.add(.tensor(a), .tensor(b)) }
    public static func - (a: Tensor, b: Tensor) -> Tensor { Operators.sub(.tensor(a), .tensor(b)) }
    public static func * (a: Tensor, b: Tensor) -> Tensor { Operators.mul(.tensor(a), .tensor(b)) }
    public static func / (a: Tensor, b: Tensor) -> Tensor { Operators.div(.tensor(a), .tensor(b)) }
    public static func + (a: Tensor, b: Double) -> Tensor { Operators.addScalar(.tensor(a), .double(b)) }
    public static func + (a: Double, b: Tensor) -> Tensor { b + a }
    public static func - (a: Tensor, b: Double) -> Tensor { a + (-b) }
    public static func - (a: Double, b: Tensor) -> Tensor { Operators.rsubScalar(.tensor(b), .double(a)) }
    public static func * (a: Tensor, b: Double) -> Tensor { Operators.mulScalar(.tensor(a), .double(b)) }
    public static func * (a: Double, b: Tensor) -> Tensor { b * a }
    public static func / (a: Tensor, b: Double) -> Tensor { a * (1 / b) }
    public static func / (a: Double, b: Tensor) -> Tensor { Operators.reciprocal(.tensor(b)) * a }
    public static prefix func - (a: Tensor) -> Tensor { Operators.neg(.tensor(a)) }

    public func square() -> Tensor { Operators.square(.tensor(self)) }
    public func squareRoot() -> Tensor { Operators.sqrt(.tensor(self)) }
    public func power(_ exponent: Double) -> Tensor { Operators.powScalar(.tensor(self), .double(exponent)) }
    public func exp() -> Tensor { Operators.exp(.tensor(self)) }
    public func log() -> Tensor { Operators.log(.tensor(self)) }
    public func log1p() -> Tensor { Operators.log1p(.tensor(self)) }
    public func sin() -> Tensor { Operators.sin(.tensor(self)) }
    public func cos() -> Tensor { Operators.cos(.tensor(self)) }
    public func atan2(_ x: Tensor) -> Tensor { Operators.atan2(.tensor(self), .tensor(x)) }
    public func floor() -> Tensor { Operators.floor(.tensor(self)) }
    public func abs() -> Tensor { Operators.abs(.tensor(self)) }
    public func sign() -> Tensor { Operators.sign(.tensor(self)) }
    public func softmax(_ dimension: Int) -> Tensor { Operators.softmax(.tensor(self), .int(dimension)) }

    /// Bounded from below, above, or both.
    public func clamp(min: Double? = nil, max: Double? = nil) -> Tensor {
        Operators.clamp(
            .tensor(self), min.map(OperatorArgument.double) ?? .none,
            max.map(OperatorArgument.double) ?? .none)
    }

    /// Bounded from below by an integer; keeps an integer type.
    public func clamp(atLeast value: Int) -> Tensor { Operators.clamp(.tensor(self), .int(value), .none) }

    // Comparisons give bool tensors.
    public func equals(_ other: Tensor) -> Tensor { Operators.eqTensor(.tensor(self), .tensor(other)) }
    public func differs(from other: Tensor) -> Tensor { Operators.neTensor(.tensor(self), .tensor(other)) }
    public static func > (a: Tensor, b: Double) -> Tensor { Operators.gtScalar(.tensor(a), .double(b)) }
    public static func < (a: Tensor, b: Double) -> Tensor { Operators.ltScalar(.tensor(a), .double(b)) }
    public static prefix func ! (a: Tensor) -> Tensor { Operators.logicalNot(.tensor(a)) }
    public func and(_ other: Tensor) -> Tensor { Operators.logicalAnd(.tensor(self), .tensor(other)) }
    public func isFinite() -> Tensor { Operators.isfinite(.tensor(self)) }
    public func maskedFill(_ mask: Tensor, _ value: Double) -> Tensor {
        Operators.maskedFill(.tensor(self), .tensor(mask), .double(value))
    }
    /// `self` where the mask holds, else `other`.
    public func chosen(where mask: Tensor, else other: Tensor) -> Tensor {
        Operators.whereTensor(.tensor(mask), .tensor(self), .tensor(other))
    }
}
