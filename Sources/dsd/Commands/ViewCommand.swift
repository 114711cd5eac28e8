import ArgumentParser
import CryoIO
import Foundation
import OpusDSD
import Torch
import Viewer

struct ViewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Local viewer of a run in the browser.",
        discussion: """
            Prints the link of a page that shows the run's particles in latent space, decodes maps where the \
            pointer is, saves selections and paths, and follows a training that still runs. The page is \
            served to this machine only, at 127.0.0.1, and its link holds a secret: give it to nobody. From \
            another machine, forward the port: ssh -L 8040:127.0.0.1:8040 HOST, with --port 8040. \
            Selections, paths and movies go to selections/, paths/ and movies/ of the run. Ctrl-C ends the \
            viewer.

            Example: dsd view run --port 8040 --no-open
            """)

    @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run")) var runFolder: String
    @Option(help: "Port to serve at; without it a free one is taken.") var port: UInt16 = 0
    @Flag(help: "Print the link only; do not open a browser.") var noOpen = false
    @OptionGroup var device: DeviceOption

    func run() throws {
        try ErrorPrinting.reporting("view") {
            let viewer = try Viewer(
                RunFolder(runFolder), port: port, device: try device.resolved(),
                threads: try device.threading.count())
            let opensBrowser = !noOpen
            try Blocking.wait {
                try await viewer.run { link in
                    print("viewer of \(runFolder): \(link)\nCtrl-C ends it")
                    if opensBrowser { Browser.open(link) }
                }
            }
        }
    }
}
