import Glibc

/// A client that speaks raw bytes over a real socket and waits no longer than ten seconds for any of them.
final class WireClient {
    struct Response {
        var status: Int
        /// Names in lower case.
        var fields: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    enum Trouble: Error { case cannotConnect, closed, timedOut, malformed }

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = try Self.connected(port: port, receiveBuffer: receiveBuffer)
    }

    /// A blocking socket, connected, on which every call ends within ten seconds.
    static func connected(port: Int, receiveBuffer: Int32? = nil) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Trouble.cannotConnect
        }
        return descriptor
    }

    deinit { close(descriptor) }

    /// Sends what can be sent; false when the peer has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    func halfClose() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Goes away without a word: the kernel resets the connection.
    func reset() {
        // Connecting to nowhere ends a connection with a reset, and keeps the descriptor.
        var nowhere = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Whether the peer closes, with nothing more to read.
    func isClosed() throws -> Bool {
        guard buffer.isEmpty else { return false }
        do { try fill() } catch Trouble.closed { return true }
        return false
    }

    /// Whether something, or the end, arrives within so many milliseconds.
    func isReadable(within milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, milliseconds) > 0
    }

    /// The next response, its body as long as it says.
    func response(toHead: Bool = false) throws -> Response {
        var head = try readHead()
        if head.status == 204 || head.status == 304 || toHead { return head }
        let length = Int(head.fields["content-length"] ?? "") ?? 0
        while buffer.count < length { try fill() }
        head.body = Array(buffer.prefix(length))
        buffer.removeFirst(length)
        return head
    }

    /// Everything up to the end of the connection, and whether that was a reset.
    func rest() throws -> (bytes: [UInt8], isReset: Bool) {
        do {
            while true { try fill() }
        } catch Trouble.closed {
            defer { buffer = [] }
            return (buffer, errno == ECONNRESET)
        }
    }

    /// Reads on until what has come holds `text`; it stays to be read.
    func waitFor(_ text: String) throws {
        let wanted = Array(text.utf8)
        while !buffer.indices.contains(where: { buffer[$0...].starts(with: wanted) }) { try fill() }
    }

    private func readHead() throws -> Response {
        let end = Array("\r\n\r\n".utf8)
        var from = 0
        while true {
            if let place = buffer.indices.dropFirst(from).first(where: { buffer[$0...].starts(with: end) }) {
                let lines = String(decoding: buffer[..<place], as: UTF8.self).split(separator: "\r\n")
                buffer.removeFirst(place + 4)
                return try parse(lines)
            }
            from = max(0, buffer.count - 3)
            try fill()
        }
    }

    private func parse(_ lines: [Substring]) throws -> Response {
        guard let first = lines.first, let status = Int(first.split(separator: " ").dropFirst().first ?? "") else {
            throw Trouble.malformed
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Trouble.malformed }
            fields[line[..<colon].lowercased()] = String(line[line.index(colon, offsetBy: 2)...])
        }
        return Response(status: status, fields: fields, body: [])
    }

    private func fill() throws {
        var block = [UInt8](repeating: 0, count: 64 << 10)
        errno = 0
        let count = recv(descriptor, &block, block.count, 0)
        if count == 0 { throw Trouble.closed }
        if count < 0 { throw errno == EAGAIN ? Trouble.timedOut : Trouble.closed }
        buffer += block.prefix(count)
    }
}
