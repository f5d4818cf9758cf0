// `limner decode-heic`: this program as the process in which one HEIC is decoded; see Imaging/HEICPicture.swift.

#if HEIC
    import ArgumentParser
    import LimnerImaging

    struct DecodeHEICCommand: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: HEICPicture.command, shouldDisplay: false)

        func run() throws { throw ExitCode(HEICDecoder.run()) }
    }
#endif
