// Pictures of iPhones, read only when the package is built with the trait HEIC.
//
// Their decoder is large and has a history of holes, so it runs in a process of its own: this same program, started
// again with the one argument `command`, which reads the file from its standard input, gives up most of what a process
// may do, and answers on its standard output with a ``HEICAnswer``.

package enum HEICPicture {
    /// What makes this program a decoder of HEIC and nothing else.
    package static let command = "decode-heic"

    #if HEIC
        static let headerError = ImagingError.unsupported(.heic, detail: "its size is known only once it is decoded")

        static func decode(_ bytes: [UInt8]) throws(ImagingError) -> Picture {
            try decode(bytes, by: "/proc/self/exe")
        }

        /// Decodes in a child process.
        /// - Parameter program: answers to ``command`` by calling ``HEICDecoder``.
        package static func decode(_ bytes: [UInt8], by program: String) throws(ImagingError) -> Picture {
            let child = try HEICChild(program: program)
            return try child.answer(to: bytes).picture()
        }
    #else
        static let headerError = ImagingError.notBuiltIn(.heic)

        static func decode(_ bytes: [UInt8]) throws(ImagingError) -> Picture { throw .notBuiltIn(.heic) }
    #endif
}
