// The threads that share an op's chunks with the one that asks for it. A pass has a thousand ops, a few microseconds apart,
// and a thread that sleeps takes 50 to 100 to wake: so helpers look out for the next op for a moment before they sleep.
import CKernels
import Dispatch
import Foundation
import Synchronization

/// Helpers of one caller at a time. They are started as they are wanted and end with the team.
package final class ThreadTeam: Sendable, Equatable {
    private let core = Core()

    package init() {}

    deinit { core.dismiss() }

    /// Any team does the same, so options that differ in it alone are equal.
    package static func == (a: ThreadTeam, b: ThreadTeam) -> Bool { true }

    /// Runs `body` for 0..<chunks on this thread and up to `threads` − 1 others; every thread takes the next chunk that is
    /// left.
    ///
    /// - Returns: false, with nothing done, when the team works for somebody else.
    package func perform(_ chunks: Int, threads: Int, _ body: (Int) -> Void) -> Bool {
        core.perform(chunks, threads: threads, body)
    }
}

/// What the helpers hold on to.
private final class Core: Sendable {
    /// How long a helper looks out for work, and a caller for its helpers' end, before it sleeps.
    private static let lookout = Duration.microseconds(200)
    private static let looksPerGlanceAtTheClock = 32
    private static let stackBytes = 1 << 20

    /// What is shared out. Set by the caller alone, read by helpers that have a seat, whose end the caller waits for.
    private final class Work: @unchecked Sendable {
        var chunks = 0
        var body: ((Int) -> Void)?
    }

    /// All that changes at once: how many helpers are at work, how many more may come, whether the caller sleeps until
    /// they are done, and a number that tells one work from the next.
    private struct State {
        static let (helper, seat, callerSleeps) = (1, 1 << 16, 1 << 31)
        static let seats = callerSleeps - seat
        static let mostSeats = seats / seat

        var word: Int
        var helpersAtWork: Int { word & (Self.seat - 1) }
        var hasSeats: Bool { word & Self.seats != 0 }
        var callerSleeps: Bool { word & Self.callerSleeps != 0 }
        var number: Int { word >> 32 }

        init(_ word: Int) { self.word = word }
        init(number: Int, seats: Int) { word = number << 32 | seats * Self.seat }
    }

    private struct Helpers {
        var count = 0
        var asleep = 0
        var areDismissed = false
    }

    private let isTaken = Atomic(false)
    private let state = Atomic(0)
    private let nextChunk = Atomic(0)
    private let work = Work()
    private let helpers = Mutex(Helpers())
    private let bell = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)

    func perform(_ chunks: Int, threads: Int, _ body: (Int) -> Void) -> Bool {
        guard !isTaken.exchange(true, ordering: .acquiring) else { return false }
        withoutActuallyEscaping(body) { body in
            (work.chunks, work.body) = (chunks, body)
            nextChunk.store(0, ordering: .relaxed)
            let number = State(state.load(ordering: .relaxed)).number &+ 1
            let seats = min(threads - 1, State.mostSeats)
            state.store(State(number: number & 0x7FFF_FFFF, seats: seats).word, ordering: .releasing)
            callHelpers(seats)
            takeChunks()
            waitForHelpers()
            work.body = nil
        }
        isTaken.store(false, ordering: .releasing)
        return true
    }

    @inline(never)
    private func takeChunks() {
        guard let body = work.body else { return }
        let chunks = work.chunks
        while true {
            let chunk = nextChunk.add(1, ordering: .relaxed).oldValue
            guard chunk < chunks else { return }
            body(chunk)
        }
    }

    // MARK: The caller's side

    private func callHelpers(_ wanted: Int) {
        let (missing, asleep) = helpers.withLock { helpers in
            let missing = max(0, wanted - helpers.count)
            let asleep = min(wanted, helpers.asleep)
            helpers.count += missing
            helpers.asleep -= asleep
            return (missing, asleep)
        }
        for _ in 0..<asleep { bell.signal() }
        for _ in 0..<missing {
            let thread = Thread { [self] in help() }
            thread.name = "limner engine"
            thread.stackSize = Self.stackBytes
            thread.start()
        }
    }

    private func waitForHelpers() {
        state.bitwiseAnd(~State.seats, ordering: .acquiring)
        let isDone = Self.lookOut { State(state.load(ordering: .acquiring)).helpersAtWork == 0 }
        guard !isDone else { return }
        let before = State(state.bitwiseOr(State.callerSleeps, ordering: .acquiringAndReleasing).oldValue)
        if before.helpersAtWork > 0 { done.wait() }
    }

    /// Lets the helpers end.
    func dismiss() {
        let asleep = helpers.withLock { helpers in
            helpers.areDismissed = true
            return helpers.asleep
        }
        for _ in 0..<asleep { bell.signal() }
    }

    // MARK: The helpers' side

    private func help() {
        var last = -1
        while true {
            if !Self.lookOut({ isWanted(after: last) }) {
                let (isOver, sleeps) = helpers.withLock { helpers in
                    guard !helpers.areDismissed else { return (true, false) }
                    guard !isWanted(after: last) else { return (false, false) }
                    helpers.asleep += 1
                    return (false, true)
                }
                if isOver { return }
                if sleeps { bell.wait() }
            }
            guard let number = takeSeat(after: last) else { continue }
            last = number
            takeChunks()
            let after = State(state.subtract(State.helper, ordering: .acquiringAndReleasing).newValue)
            if after.helpersAtWork == 0, after.callerSleeps { done.signal() }
        }
    }

    private func isWanted(after last: Int) -> Bool {
        let now = State(state.load(ordering: .relaxed))
        return now.hasSeats && now.number != last
    }

    /// - Returns: the work's number; nil when there is no seat left.
    private func takeSeat(after last: Int) -> Int? {
        var now = State(state.load(ordering: .relaxed))
        while now.hasSeats, now.number != last {
            let seated = now.word - State.seat + State.helper
            let (exchanged, original) = state.compareExchange(
                expected: now.word, desired: seated, ordering: .acquiringAndReleasing)
            if exchanged { return now.number }
            now = State(original)
        }
        return nil
    }

    /// Waits for `condition` for a moment without sleeping; false when it has not come true.
    private static func lookOut(_ condition: () -> Bool) -> Bool {
        let end = ContinuousClock.now + lookout
        repeat {
            for _ in 0..<looksPerGlanceAtTheClock {
                if condition() { return true }
                limner_pause()
            }
        } while ContinuousClock.now < end
        return false
    }
}
