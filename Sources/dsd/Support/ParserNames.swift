import ArgumentParser

/// Commands declare arguments; the engine's operators have a type of the same name.
typealias Argument = ArgumentParser.Argument
