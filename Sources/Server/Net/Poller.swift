internal import CLinux
internal import Glibc

/// The kernel's readiness queue (epoll), level-triggered, and the eventfd that wakes its waiter.
///
/// Tokens name what is watched. They are never reused, so an event of something that is gone finds nobody, even when
/// the kernel has given its descriptor number to something new.
struct Poller: ~Copyable {
    /// Token of the wake-up itself.
    static let wakeToken: UInt64 = 0

    struct Readiness {
        var token: UInt64
        var canRead: Bool
        var canWrite: Bool
        /// Both directions are gone, or the socket failed.
        var isBroken: Bool
    }

    private let epoll: Descriptor
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    private init(epoll: consuming Descriptor) {
        self.epoll = epoll
    }

    /// - Parameter wake: an eventfd; it must outlive the poller.
    static func make(wake: borrowing Descriptor) throws(ServerError) -> Poller {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .file(what: "Cannot make an event queue", code: errno) }
        let poller = Poller(epoll: Descriptor(owning: number))
        try poller.watch(wake.number, token: wakeToken, read: true, write: false)
        return poller
    }

    static func makeWake() throws(ServerError) -> Descriptor {
        let number = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard number >= 0 else { throw .file(what: "Cannot make a wake-up", code: errno) }
        return Descriptor(owning: number)
    }

    func watch(_ descriptor: Int32, token: UInt64, read: Bool, write: Bool) throws(ServerError) {
        try control(EPOLL_CTL_ADD, descriptor, token, read, write)
    }

    func change(_ descriptor: Int32, token: UInt64, read: Bool, write: Bool) throws(ServerError) {
        try control(EPOLL_CTL_MOD, descriptor, token, read, write)
    }

    func forget(_ descriptor: Int32) {
        _ = epoll_ctl(epoll.number, EPOLL_CTL_DEL, descriptor, nil)
    }

    private func control(
        _ operation: Int32, _ descriptor: Int32, _ token: UInt64, _ read: Bool, _ write: Bool
    ) throws(ServerError) {
        var event = epoll_event()
        event.events = (read ? EPOLLIN.rawValue : 0) | (write ? EPOLLOUT.rawValue : 0)
        event.data.u64 = token
        guard epoll_ctl(epoll.number, operation, descriptor, &event) == 0 else {
            throw .file(what: "Cannot watch a socket", code: errno)
        }
    }

    /// Waits until something is ready or `milliseconds` have passed (-1: for ever).
    mutating func wait(milliseconds: Int32) -> [Readiness] {
        let count = epoll_wait(epoll.number, &events, Int32(events.count), milliseconds)
        guard count > 0 else { return [] }
        return events.prefix(Int(count)).map { event in
            Readiness(
                token: event.data.u64, canRead: event.events & EPOLLIN.rawValue != 0,
                canWrite: event.events & EPOLLOUT.rawValue != 0,
                isBroken: event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
        }
    }
}
