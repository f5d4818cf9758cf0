internal import Glibc

/// A file descriptor with one owner, closed when the owner goes.
///
/// Not copyable, so that a number the kernel has given to something else can never be used or closed by mistake.
struct Descriptor: ~Copyable {
    let number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    deinit { close(number) }

    /// Opens a file.
    ///
    /// - Parameter what: begins the error's sentence, e.g. "Cannot read the photo".
    static func open(
        _ path: String, _ flags: Int32, mode: mode_t = 0o600, what: String
    ) throws(ServerError) -> Descriptor {
        let number = retryingInterrupted { Glibc.open(path, flags | O_CLOEXEC, mode) }
        guard number >= 0 else { throw .file(what: what, code: errno) }
        return Descriptor(owning: number)
    }

    /// Lets this process have as many descriptors as its owner may give it: the usual 1024 are soon used up by clients.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Writes all bytes, however many calls it takes.
    func writeAll(_ bytes: UnsafeRawBufferPointer, what: String) throws(ServerError) {
        var rest = bytes[...]
        while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let count = retryingInterrupted { write(number, start, rest.count) }
            guard count >= 0 else { throw .file(what: what, code: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Reads up to `capacity` bytes at `offset`; empty at the end of the file.
    func read(at offset: Int, upTo capacity: Int, what: String) throws(ServerError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            let got = retryingInterrupted { pread(number, buffer.baseAddress, capacity, off_t(offset)) }
            if got < 0 { failure = errno }
            count = max(0, got)
        }
        guard failure == 0 else { throw .file(what: what, code: failure) }
        return bytes
    }

    /// Makes what was written survive a power cut. A failure is never tried again: the kernel may have dropped the data.
    func synchronise(what: String) throws(ServerError) {
        guard fsync(number) == 0 else { throw .file(what: what, code: errno) }
    }

    /// The file's size in bytes.
    func size(what: String) throws(ServerError) -> Int {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .file(what: what, code: errno) }
        return Int(status.st_size)
    }
}

/// Repeats a system call for as long as a signal interrupts it.
func retryingInterrupted<Result: FixedWidthInteger & SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
