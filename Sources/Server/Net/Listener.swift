internal import Glibc
internal import Synchronization

/// The listening socket.
final class Listener: Sendable {
    enum Arrival: ~Copyable {
        case socket(Socket, from: String)
        case nobody
        /// No descriptor or memory is left for another connection.
        case exhausted
    }

    let descriptor: Descriptor
    /// The port it listens on.
    let port: Int
    /// Given up for a moment to take and close a connection when no descriptor is left.
    private let spare: Mutex<Descriptor?>

    /// - Parameters:
    ///   - host: a name or a numeric address.
    ///   - port: 0 lets the kernel choose a free one.
    init(host: String, port: Int) throws(ServerError) {
        let address = "\(host):\(port)"
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let list else {
            throw .cannotListen(address: address, detail: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        descriptor = try Self.bound(to: list.pointee, address)
        self.port = Self.port(of: descriptor.number)
        spare = Mutex(Self.openSpare())
    }

    private static func bound(to info: addrinfo, _ address: String) throws(ServerError) -> Descriptor {
        let number = socket(info.ai_family, info.ai_socktype | SocketFlags.fresh, info.ai_protocol)
        guard number >= 0 else { throw .cannotListen(address: address, detail: String(cString: strerror(errno))) }
        let descriptor = Descriptor(owning: number)
        setOption(number, SOL_SOCKET, SO_REUSEADDR)
        guard bind(number, info.ai_addr, info.ai_addrlen) == 0, listen(number, ServerLimits.backlog) == 0 else {
            throw .cannotListen(address: address, detail: String(cString: strerror(errno)))
        }
        return descriptor
    }

    private static func port(of number: Int32) -> Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let service = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(number, address, &length) == 0 else { return "" }
                return name(of: address, length).service
            }
        }
        return Int(service) ?? 0
    }

    private static func openSpare() -> Descriptor? {
        try? Descriptor.open("/dev/null", O_RDONLY, what: "Cannot open /dev/null")
    }

    private static func setOption(_ number: Int32, _ level: Int32, _ option: Int32) {
        var on: Int32 = 1
        setsockopt(number, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Takes the next connection that waits.
    func accept() -> Arrival {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let (number, host) = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let number = retryingInterrupted { Glibc.accept(descriptor.number, address, &length) }
                return (number, number < 0 ? "" : Self.name(of: address, length).host)
            }
        }
        guard number >= 0 else {
            return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) ? .exhausted : .nobody
        }
        let accepted = Descriptor(owning: number)
        guard fcntl(number, F_SETFL, O_NONBLOCK) == 0, fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else { return .nobody }
        Self.setOption(number, Int32(IPPROTO_TCP), TCP_NODELAY)
        return .socket(Socket(accepted), from: host)
    }

    /// Refuses connections from now on, whoever still holds the listener.
    func stop() { shutdown(descriptor.number, Int32(SHUT_RDWR)) }

    /// Takes one connection with the spare descriptor and closes it, so that its client is not left hanging.
    func shedOne() {
        spare.withLock { spare in
            spare = nil
            let number = Glibc.accept(descriptor.number, nil, nil)
            if number >= 0 { close(number) }
            spare = Self.openSpare()
        }
    }

    /// Numeric host and service of an address.
    private static func name(
        of address: UnsafePointer<sockaddr>, _ length: socklen_t
    ) -> (host: String, service: String) {
        var host = [CChar](repeating: 0, count: 64)
        var service = [CChar](repeating: 0, count: 16)
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        guard getnameinfo(address, length, &host, 64, &service, 16, flags) == 0 else { return ("", "") }
        return (text(host), text(service))
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

private enum SocketFlags {
    static let fresh = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
}
