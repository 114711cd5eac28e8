/// Eigenvalues and eigenvectors of a small symmetric matrix by cyclic Jacobi rotations
/// (Golub and Van Loan, Matrix Computations, 8.5).
package struct SymmetricEigen {
    let order: Int
    /// In descending order.
    package let values: [Double]
    /// `vectors[k]` belongs to `values[k]` and has length 1.
    package let vectors: [[Double]]

    /// - Parameter matrix: `[order, order]`, symmetric; both triangles are read.
    package init(_ matrix: [Double], order n: Int) {
        var a = matrix
        var v = [Double](repeating: 0, count: n * n)
        for i in 0..<n { v[i * n + i] = 1 }
        let scale = a.reduce(0) { $0 + $1 * $1 }
        for _ in 0..<60 {
            var off = 0.0
            for p in 0..<n { for q in 0..<n where p != q { off += a[p * n + q] * a[p * n + q] } }
            if off <= 1e-30 * scale { break }
            for p in 0..<max(0, n - 1) {
                for q in p + 1..<n { Self.rotate(&a, &v, n, p, q) }
            }
        }
        let ranked = (0..<n).sorted { a[$0 * n + $0] > a[$1 * n + $1] }
        order = n
        values = ranked.map { a[$0 * n + $0] }
        vectors = ranked.map { k in (0..<n).map { v[$0 * n + k] } }
    }

    /// One rotation in the plane (p, q) that makes `a[p, q]` zero.
    private static func rotate(_ a: inout [Double], _ v: inout [Double], _ n: Int, _ p: Int, _ q: Int) {
        let apq = a[p * n + q]
        guard apq != 0 else { return }
        let theta = (a[q * n + q] - a[p * n + p]) / (2 * apq)
        let t = (theta >= 0 ? 1.0 : -1.0) / (theta.magnitude + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<n {
            let akp = a[k * n + p]
            let akq = a[k * n + q]
            a[k * n + p] = c * akp - s * akq
            a[k * n + q] = s * akp + c * akq
        }
        for k in 0..<n {
            let apk = a[p * n + k]
            let aqk = a[q * n + k]
            a[p * n + k] = c * apk - s * aqk
            a[q * n + k] = s * apk + c * aqk
        }
        for k in 0..<n {
            let vkp = v[k * n + p]
            let vkq = v[k * n + q]
            v[k * n + p] = c * vkp - s * vkq
            v[k * n + q] = s * vkp + c * vkq
        }
    }
}
