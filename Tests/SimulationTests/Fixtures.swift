import CryoEM
import CryoIO
import Foundation
import Torch

@testable import Simulation

/// A dumbbell of 164 atoms in a box of 32 pixels: everything a simulation has, in milliseconds.
func small(
    states: Int = 2, count: Int = 24, snr: Double? = 0.1, seed: UInt64 = 1
) throws -> (ensemble: Ensemble, settings: SimulationSettings) {
    let ensemble = try DumbbellPhantom(states: states, beadsPerLobe: 40).ensemble()
    return (ensemble, SimulationSettings(count: count, box: 32, pixelSize: 8, snr: snr, seed: seed))
}

/// Largest difference of two arrays relative to the largest value of the first.
func relativeDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    let top = a.reduce(0) { max($0, abs($1)) }
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } / top
}

/// The error that a call throws, as text; nil if it throws nothing.
func message(_ call: () throws -> Void) -> String? {
    do {
        try call()
        return nil
    } catch {
        return "\(error)"
    }
}
