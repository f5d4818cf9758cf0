// Pictures of iPhones, read only when the package is built with the trait HEIC.
//
// Their decoder is large and has a history of holes, so it runs in a process of its own: this same program, started
// again with the one argument `command`, which reads the file from its standard input, gives up most of what a process
// may do, and answers on its standard output with a ``HEICAnswer``.

#if HEIC
    import Glibc
#endif

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
            let input = memfd_create("heic", UInt32(MFD_CLOEXEC))
            guard input >= 0 else { throw .outOfMemory(.heic) }
            defer { close(input) }
            guard fill(input, with: bytes) else { throw .outOfMemory(.heic) }
            var child = try HEICChild(program: program, input: input)
            return try child.answer().picture()
        }

        private static func fill(_ descriptor: Int32, with bytes: [UInt8]) -> Bool {
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes {
                    write(descriptor, $0.baseAddress! + written, bytes.count - written)
                }
                guard count > 0 else { return false }
                written += count
            }
            return lseek(descriptor, 0, SEEK_SET) == 0
        }
    #else
        static let headerError = ImagingError.notBuiltIn(.heic)

        static func decode(_ bytes: [UInt8]) throws(ImagingError) -> Picture { throw .notBuiltIn(.heic) }
    #endif
}
