import Foundation
import Synchronization

/// Whether the user or the queue has asked the program to end (SIGINT, SIGTERM, SIGHUP).
enum Interruption {
    private static let asked = Atomic<Bool>(false)

    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Lets the signals through that whatever started the program may have left blocked.
    static func letSignalsThrough() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in signals { sigaddset(&set, number) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Asks once are remembered; a second signal ends the program at once.
    static func watch() {
        for number in signals {
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
