import ArgumentParser
import CryoEM

/// Where the images and the further metadata of a particle file are looked for.
struct ReadingOptions: ParsableArguments {
    @Option(help: "Folder that image paths are relative to, looked into first; can be repeated.")
    var datadir: [String] = []
    @Option(help: "Leading part of image paths that is taken off.") var stripPrefix: String?
    @Option(help: "cryoSPARC file with the fields that PARTICLES lacks; can be repeated.")
    var passthrough: [String] = []
    @Option(help: "cryoDRGN pickle with the poses of a stack.") var poses: String?
    @Option(help: "cryoDRGN pickle with the CTFs of a stack.") var ctf: String?
    @Option(help: "cryoDRGN pickle with the rows of a stack to take, from 0.") var ind: String?

    func reading(pixelSize: Double? = nil) -> ParticleReading {
        ParticleReading(
            dataFolders: datadir, stripPrefix: stripPrefix, pixelSize: pixelSize, passthrough: passthrough,
            poses: poses, ctf: ctf, indices: ind)
    }
}
