// The memory of one run: addresses are reserved once, grow as a run needs them, and are handed out first fit from the
// lowest, so that every step of a loop finds the memory of the step before it. What a run touches at most is what it
// holds; all of it goes back when the last tensor of the run is gone.
import Glibc
import Synchronization

/// First-fit memory for tensors.
package final class Arena: Sendable {
    private let base: UInt
    private let state = Mutex(State())

    private struct State {
        /// Free spans below `end`, by address; no two touch.
        var free: [Span] = []
        /// Where untouched memory begins, and how far it may be written to.
        var end = 0
        var open = 0
    }

    private struct Span {
        var offset: Int
        var size: Int
    }

    /// Addresses are free on a 64-bit machine; memory is only what is written to.
    private static let reserved = 1 << 40
    private static let growth = 1 << 26
    private static let alignment = 64

    package init() {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let start = mmap(nil, Self.reserved, PROT_NONE, flags, -1, 0), start != MAP_FAILED else {
            fatalError("no addresses are left for an arena")
        }
        base = UInt(bitPattern: start)
    }

    deinit { munmap(UnsafeMutableRawPointer(bitPattern: base), Self.reserved) }

    /// The most that was in use at once, in bytes.
    package var highWater: Int { state.withLock { $0.end } }

    func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        let size = Self.rounded(bytes)
        let offset = state.withLock { state in Self.place(size, in: &state, base) }
        return UnsafeMutableRawPointer(bitPattern: base + UInt(offset))!
    }

    func giveBack(_ pointer: UnsafeMutableRawPointer, _ bytes: Int) {
        let offset = Int(UInt(bitPattern: pointer) - base)
        state.withLock { state in Self.insert(Span(offset: offset, size: Self.rounded(bytes)), into: &state) }
    }

    private static func rounded(_ bytes: Int) -> Int { (max(bytes, 1) + alignment - 1) / alignment * alignment }

    private static func place(_ size: Int, in state: inout State, _ base: UInt) -> Int {
        if let index = state.free.firstIndex(where: { $0.size >= size }) {
            let offset = state.free[index].offset
            state.free[index].offset += size
            state.free[index].size -= size
            if state.free[index].size == 0 { state.free.remove(at: index) }
            return offset
        }
        var offset = state.end
        if let last = state.free.last, last.offset + last.size == state.end {
            offset = last.offset
            state.free.removeLast()
        }
        state.end = offset + size
        if state.end > state.open { grow(&state, base) }
        return offset
    }

    private static func grow(_ state: inout State, _ base: UInt) {
        let wanted = (state.end + growth - 1) / growth * growth
        let start = UnsafeMutableRawPointer(bitPattern: base + UInt(state.open))
        guard mprotect(start, wanted - state.open, PROT_READ | PROT_WRITE) == 0 else {
            fatalError("no memory is left: \(wanted >> 20) MiB are needed for one run")
        }
        madvise(start, wanted - state.open, Int32(MADV_HUGEPAGE))
        state.open = wanted
    }

    private static func insert(_ span: Span, into state: inout State) {
        let index = state.free.firstIndex { $0.offset > span.offset } ?? state.free.count
        var span = span
        if index < state.free.count, span.offset + span.size == state.free[index].offset {
            span.size += state.free[index].size
            state.free.remove(at: index)
        }
        if index > 0, state.free[index - 1].offset + state.free[index - 1].size == span.offset {
            state.free[index - 1].size += span.size
        } else {
            state.free.insert(span, at: index)
        }
    }
}
