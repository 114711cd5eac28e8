import Foundation

/// Long work that the page asked for and looks after.
actor Jobs {
    struct Status: Encodable, Sendable {
        let id: Int
        let title: String
        var done: Int
        let all: Int
        /// Where the result lies, relative to the run's folder; nil until the work is done.
        var result: String?
        var error: String?
    }

    private var list: [Status] = []

    /// Begins work and returns at once.
    func start(
        _ title: String, all: Int, result: String,
        work: @escaping @Sendable (_ progress: @escaping @Sendable (Int) async -> Void) async throws -> Void
    ) -> Status {
        let id = list.count
        let status = Status(id: id, title: title, done: 0, all: all)
        list.append(status)
        Task {
            do {
                try await work { done in await self.report(id, done: done) }
                self.finish(id, result: result, error: nil)
            } catch {
                self.finish(id, result: nil, error: "\(error)")
            }
        }
        return status
    }

    func status(_ id: Int) -> Status? { list.indices.contains(id) ? list[id] : nil }

    private func report(_ id: Int, done: Int) { list[id].done = done }

    private func finish(_ id: Int, result: String?, error: String?) {
        list[id].result = result
        list[id].error = error
    }
}
