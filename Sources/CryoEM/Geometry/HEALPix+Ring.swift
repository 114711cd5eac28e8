import Foundation

extension HEALPix {
    /// The pixel of a direction in ring order: counted along circles of latitude from the north pole.
    public func ring(theta: Double, phi: Double) -> Int { ring(nested: nested(theta: theta, phi: phi)) }

    /// The centre of a ring-ordered pixel.
    public func direction(ring pixel: Int) -> (theta: Double, phi: Double) {
        direction(nested: nested(ring: pixel))
    }

    /// The ring-order number of a nested pixel.
    public func ring(nested pixel: Int) -> Int {
        let cell = cell(nested: pixel)
        let ring = Self.faceRing[cell.face] * nside - cell.x - cell.y - 1
        let (length, before, shifted) = extent(ofRing: ring)
        var position = (Self.faceMeridian[cell.face] * length + cell.x - cell.y + 1 + shifted) / 2
        if position > 4 * length { position -= 4 * length }
        if position < 1 { position += 4 * length }
        return before + position - 1
    }

    /// The nested number of a ring-ordered pixel.
    public func nested(ring pixel: Int) -> Int {
        precondition(pixel >= 0 && pixel < pixelCount, "pixel \(pixel) of \(pixelCount)")
        // The pixel's own centre is far from its border, so looking it up again is exact.
        var low = 1, high = 4 * nside - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if extent(ofRing: middle).before <= pixel { low = middle } else { high = middle - 1 }
        }
        let (length, before, shifted) = extent(ofRing: low)
        let position = Double(pixel - before)
        let offset = shifted == 0 ? 0.5 : 0.0
        return nested(theta: theta(ofRing: low), phi: (position + offset) * .pi / (2 * Double(length)))
    }

    /// A quarter of a ring's pixels, the pixels before the ring, and 1 where its first pixel lies on phi = 0.
    private func extent(ofRing ring: Int) -> (length: Int, before: Int, shifted: Int) {
        if ring < nside { return (ring, 2 * ring * (ring - 1), 0) }
        if ring > 3 * nside {
            let fromPole = 4 * nside - ring
            return (fromPole, pixelCount - 2 * fromPole * (fromPole + 1), 0)
        }
        return (nside, 2 * nside * (nside - 1) + (ring - nside) * 4 * nside, (ring - nside) & 1)
    }

    private func theta(ofRing ring: Int) -> Double {
        let n = Double(nside)
        if ring < nside { return 2 * asin(Double(ring) / (n * 6.0.squareRoot())) }
        if ring > 3 * nside { return .pi - 2 * asin(Double(4 * nside - ring) / (n * 6.0.squareRoot())) }
        return acos(Double(2 * nside - ring) * 2 / (3 * n))
    }
}
