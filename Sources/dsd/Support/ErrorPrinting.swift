import ArgumentParser
import Foundation

/// How a command tells that something went wrong: one message on standard error, and the exit status.
enum ErrorPrinting {
    /// Runs a command's work. An error of the data, the engine or the system is printed as `dsd COMMAND: ...`
    /// and ends the program with status 1; usage errors and exit codes go on to ArgumentParser, which ends it
    /// with 64 or the code.
    static func reporting(_ command: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error where isForParser(error) { throw error } catch {
            standardError("dsd \(command): \(message(error))\n")
            throw ExitCode.failure
        }
    }

    /// What should be looked at although the work goes on.
    static func warn(_ text: String) { standardError("warning: \(text)\n") }

    /// An error in one line.
    static func message(_ error: any Error) -> String {
        let text = error is CocoaError || error is POSIXError ? error.localizedDescription : "\(error)"
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    static func standardError(_ text: String) { FileHandle.standardError.tryWrite(text) }

    private static func isForParser(_ error: any Error) -> Bool {
        error is ExitCode || error is CleanExit || error is ValidationError
    }
}

extension FileHandle {
    /// Writes text; a reader that is gone is no error.
    func tryWrite(_ text: String) { try? write(contentsOf: Data(text.utf8)) }
}
