// The command line. Each command is one file and says in a few lines what it does with the modules below it.
public import ArgumentParser

/// `limner`.
public struct Limner: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "limner",
        abstract: "Learn a sketch style from one photo-sketch pair and draw any other photo in it.",
        version: Build.version,
        subcommands: [
            ServeCommand.self, KeysCommand.self, TuneCommand.self, SketchCommand.self, StylesCommand.self,
            InfoCommand.self, EvaluateCommand.self, CompareCommand.self, ContactSheetCommand.self, BenchCommand.self,
        ] + hidden)

    /// Commands that only the program itself uses.
    #if HEIC
        private static let hidden: [any ParsableCommand.Type] = [DecodeHEICCommand.self]
    #else
        private static let hidden: [any ParsableCommand.Type] = []
    #endif

    public init() {}
}

/// What this build calls itself.
enum Build {
    static let version = "0.1.0"
}
