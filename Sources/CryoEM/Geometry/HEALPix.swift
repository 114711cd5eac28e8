import Foundation

/// The HEALPix division of the sphere into `12 nside²` pixels of equal area (Górski et al., ApJ 622, 2005).
///
/// Directions are `theta` (0...π from +z) and `phi` (radians from +x towards +y).
public struct HEALPix: Sendable, Equatable {
    /// Pixels along the edge of a base pixel, a power of two up to 2²⁹.
    public let nside: Int

    /// - Precondition: `nside` is a power of two, 1...2²⁹.
    public init(nside: Int) {
        precondition(nside > 0 && nside <= 1 << 29 && nside & (nside - 1) == 0, "nside is a power of two")
        self.nside = nside
    }

    public var pixelCount: Int { 12 * nside * nside }

    /// Position of a pixel: one of the twelve base pixels, then column and row inside it.
    struct Cell: Equatable {
        var face: Int
        var x: Int
        var y: Int
    }

    /// The pixel of a direction in nested order.
    public func nested(theta: Double, phi: Double) -> Int {
        let cell = cell(theta: theta, phi: phi)
        return cell.face * nside * nside + spread(cell.x) | spread(cell.y) << 1
    }

    /// The centre of a nested pixel.
    public func direction(nested pixel: Int) -> (theta: Double, phi: Double) {
        direction(of: cell(nested: pixel))
    }

    func cell(nested pixel: Int) -> Cell {
        precondition(pixel >= 0 && pixel < pixelCount, "pixel \(pixel) of \(pixelCount)")
        let inside = pixel & (nside * nside - 1)
        return Cell(face: pixel / (nside * nside), x: compact(inside), y: compact(inside >> 1))
    }

    private func cell(theta: Double, phi: Double) -> Cell {
        let z = cos(theta)
        let quarter = quarterTurns(phi)
        if abs(z) <= 2.0 / 3 {
            let a = Double(nside) * (0.5 + quarter), b = Double(nside) * z * 0.75
            let rising = Int((a - b).rounded(.down)), falling = Int((a + b).rounded(.down))
            let risingFace = rising / nside, fallingFace = falling / nside
            let face: Int
            if risingFace == fallingFace {
                face = risingFace % 4 + 4
            } else {
                face = risingFace < fallingFace ? risingFace % 4 : fallingFace % 4 + 8
            }
            return Cell(face: face, x: falling & (nside - 1), y: nside - 1 - rising & (nside - 1))
        }
        let sector = min(3, Int(quarter)), inSector = quarter - Double(sector)
        // sin(theta) keeps precision near the poles, where 1 - |z| loses it.
        let reach = Double(nside) * (3 * (1 - abs(z))).squareRoot()
        let nearPole = Double(nside) * sin(theta) / ((1 + abs(z)) / 3).squareRoot()
        let radius = abs(z) > 0.99 ? nearPole : reach
        let rising = min(nside - 1, Int(inSector * radius))
        let falling = min(nside - 1, Int((1 - inSector) * radius))
        return z >= 0
            ? Cell(face: sector, x: nside - 1 - falling, y: nside - 1 - rising)
            : Cell(face: sector + 8, x: rising, y: falling)
    }

    func direction(of cell: Cell) -> (theta: Double, phi: Double) {
        let n = Double(nside)
        let ring = Self.faceRing[cell.face] * nside - cell.x - cell.y - 1
        let fromPole: Int
        let z: Double, theta: Double
        if ring < nside {
            fromPole = ring
            let t = Double(ring * ring) / (3 * n * n)
            (z, theta) = (1 - t, 2 * asin((t / 2).squareRoot()))
        } else if ring > 3 * nside {
            fromPole = 4 * nside - ring
            let t = Double(fromPole * fromPole) / (3 * n * n)
            (z, theta) = (t - 1, .pi - 2 * asin((t / 2).squareRoot()))
        } else {
            fromPole = nside
            z = Double(2 * nside - ring) * 2 / (3 * n)
            theta = acos(z)
        }
        // Twice the azimuth in units of a pixel width at this ring, counted from the face's own meridian.
        var doubled = Self.faceMeridian[cell.face] * fromPole + cell.x - cell.y
        if doubled < 0 { doubled += 8 * fromPole }
        return (theta, Double(doubled) * .pi / (4 * Double(fromPole)))
    }

    /// Ring of a face's lowest corner, in units of nside, and its meridian in eighths of a turn.
    static let faceRing = [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]
    static let faceMeridian = [1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7]

    func quarterTurns(_ phi: Double) -> Double {
        let turn = (phi / (2 * .pi)) - (phi / (2 * .pi)).rounded(.down)
        let quarter = turn * 4
        return quarter >= 4 ? 0 : quarter
    }
}

/// The 32 low bits of `v` moved to the even places.
private func spread(_ v: Int) -> Int {
    var v = UInt64(v) & 0xffff_ffff
    v = (v | v << 16) & 0x0000_ffff_0000_ffff
    v = (v | v << 8) & 0x00ff_00ff_00ff_00ff
    v = (v | v << 4) & 0x0f0f_0f0f_0f0f_0f0f
    v = (v | v << 2) & 0x3333_3333_3333_3333
    v = (v | v << 1) & 0x5555_5555_5555_5555
    return Int(v)
}

/// The inverse of `spread`: the even places of `v`, packed.
private func compact(_ v: Int) -> Int {
    var v = UInt64(v) & 0x5555_5555_5555_5555
    v = (v | v >> 1) & 0x3333_3333_3333_3333
    v = (v | v >> 2) & 0x0f0f_0f0f_0f0f_0f0f
    v = (v | v >> 4) & 0x00ff_00ff_00ff_00ff
    v = (v | v >> 8) & 0x0000_ffff_0000_ffff
    v = (v | v >> 16) & 0x0000_0000_ffff_ffff
    return Int(v)
}
