import Foundation
import Synchronization

/// Whether the user or the queue has asked the program to end (SIGINT, SIGTERM, SIGHUP).
enum Interruption {
    private static let asked = Atomic<Bool>(false)

    /// Asks once are remembered; a second signal ends the program at once.
    static func watch() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                if Interruption.asked.exchange(true, ordering: .sequentiallyConsistent) {
                    signal(number, SIG_DFL)
                    raise(number)
                }
            }
        }
    }

    static var isAsked: Bool { asked.load(ordering: .sequentiallyConsistent) }
}
