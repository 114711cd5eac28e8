import Foundation
import TestSupport
import Testing

@testable import CryoEM

@Suite struct PointGroupTests {
    @Test(arguments: [
        ("C1", 1), ("c7", 7), ("D2", 4), ("D5", 10), ("T", 12), ("O", 24), ("I", 60), ("I1", 60), ("I2", 60),
        ("I3", 60), ("I4", 60),
    ])
    func groupsHaveTheirOrderAndAreClosed(_ name: String, _ order: Int) throws {
        let group = try PointGroup(name)
        #expect(group.order == order)
        for a in group.rotations {
            for b in group.rotations {
                #expect(group.rotations.contains { $0.angle(to: a * b) < 1e-6 })
            }
        }
    }

    @Test(arguments: ["", "C", "C0", "X", "I5", "C-1", "D", "TH"])
    func otherNamesAreRefused(_ name: String) {
        #expect(throws: (any Error).self) { try PointGroup(name) }
    }

    private static let refine = Referee.program("relion_refine")

    /// The matrices that relion_refine prints, whatever their order.
    @Test(.enabled(if: refine.isPresent, Comment(rawValue: refine.absence)))
    func axesAreRELIONs() throws {
        for name in ["C3", "D4", "T", "O", "I", "I1", "I2", "I3", "I4"] {
            let output = try Self.refine.run(["--sym", name, "--print_symmetry_ops"]).output
            let theirs = Self.matrices(output), ours = try PointGroup(name).rotations
            #expect(theirs.count == ours.count, "\(name)")
            for matrix in theirs {
                #expect(ours.contains { $0.angle(to: matrix) < 0.05 }, "\(name): \(matrix)")
            }
        }
    }

    /// Three rows of three numbers after each `R(n)=`.
    private static func matrices(_ text: String) -> [Rotation] {
        text.components(separatedBy: "R(").dropFirst().compactMap { part in
            let rows = part.split(separator: "\n").dropFirst().prefix(3)
            let numbers = rows.flatMap { $0.split(separator: " ").compactMap { Double($0) } }
            return numbers.count == 9 ? Rotation(rowMajor: numbers) : nil
        }
    }
}
