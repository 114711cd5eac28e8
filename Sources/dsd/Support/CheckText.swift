import Diagnostics
import Foundation

/// A check of the self-test as a line.
enum CheckText {
    static func line(_ check: Check) -> String {
        let name = check.name.padding(toLength: max(44, check.name.count), withPad: " ", startingAt: 0)
        let numbers = String(format: "%9.2e  allowed %7.1e", check.found, check.tolerance)
        return "\(check.passed ? "ok    " : "FAILED")  \(name)  \(numbers)  against \(check.reference)"
    }
}
