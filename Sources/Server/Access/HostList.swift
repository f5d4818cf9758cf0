internal import Glibc
internal import LimnerProtocol

/// The names this service answers to; a request for any other is misdirected (421).
///
/// This is also what stops DNS rebinding: a page whose own name is made to point at this machine still sends that name
/// in `Host`. Loopback names and the address it listens on always count. A service that listens on every address also
/// answers to plain numeric ones: which are its own it cannot know behind a translation, and a number cannot be rebound.
struct HostList: Sendable {
    private let names: Set<String>
    private let takesAnyAddress: Bool

    /// - Parameters:
    ///   - bound: where the service listens.
    ///   - given: what the operator adds; names or addresses without port.
    /// - Throws: ``ServerError/setting(name:detail:)``.
    init(bound: BindAddress, host: String, given: [String]) throws(ServerError) {
        var names: Set = ["localhost", "127.0.0.1", "[::1]", bound.host, host.lowercased()]
        for name in given {
            guard let authority = Authority(Array(name.utf8)[...]), authority.port == nil else {
                throw .setting(
                    name: "--host-name", detail: "'\(name)' is no host name; give it without scheme or port.")
            }
            names.insert(authority.host)
        }
        self.names = names
        takesAnyAddress = bound.isWildcard
    }

    /// A request without any authority is HTTP/1.0 and comes from no browser.
    func allows(_ authority: Authority?) -> Bool {
        guard let host = authority?.host else { return true }
        return names.contains(host) || takesAnyAddress && Self.isAddress(host)
    }

    private static func isAddress(_ host: String) -> Bool {
        host.hasPrefix("[") || host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
    }
}

/// The address a listening socket is bound to.
package struct BindAddress: Sendable {
    /// Numeric, as in a `Host` field: an IPv6 address in brackets.
    package let host: String
    package let isLoopback: Bool
    /// Every address of this machine.
    package let isWildcard: Bool

    /// Asks the kernel.
    init(of descriptor: borrowing Descriptor) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let octets: [UInt8] = withUnsafeMutablePointer(to: &storage) { storage in
            let isKnown = storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor.number, $0, &length) == 0
            }
            guard isKnown else { return [] }
            switch Int32(storage.pointee.ss_family) {
            case AF_INET:
                return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                    withUnsafeBytes(of: address.pointee.sin_addr) { Array($0) }
                }
            case AF_INET6:
                return storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                    withUnsafeBytes(of: address.pointee.sin6_addr) { Array($0) }
                }
            default: return []
            }
        }
        self.init(octets: octets)
    }

    /// - Parameter octets: four or sixteen; anything else is an address nobody knows, which is not loopback.
    package init(octets: [UInt8]) {
        let isMapped = octets.count == 16 && octets.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        let plain = isMapped ? Array(octets.suffix(4)) : octets
        isWildcard = !plain.isEmpty && plain.allSatisfy { $0 == 0 }
        isLoopback = plain.count == 4 ? plain[0] == 127 : plain == [UInt8](repeating: 0, count: 15) + [1]
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(octets.count == 4 ? AF_INET : AF_INET6, octets, &text, socklen_t(text.count))
        let numeric = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        host = octets.count == 4 ? numeric : "[\(numeric)]"
    }
}
