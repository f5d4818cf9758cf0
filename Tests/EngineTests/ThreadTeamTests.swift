// Chunks shared out over helpers that look out, that sleep, and that are late.

import Foundation
import LimnerEngine
import Synchronization
import Testing

@Suite("The thread team", .timeLimit(.minutes(1)))
struct ThreadTeamTests {
    @Test("every chunk is done once before it returns", arguments: [1, 2, 3, 8], [1, 2, 3, 16, 500])
    func once(threads: Int, chunks: Int) {
        let team = ThreadTeam()
        for round in 0..<100 {
            // Now and then long enough for helpers to fall asleep.
            if round % 10 == 0 { usleep(1000) }
            let counts = Counts(chunks)
            #expect(team.perform(chunks, threads: threads) { counts.add($0) })
            #expect(counts.all == Array(repeating: 1, count: chunks))
        }
    }

    @Test("helpers share the work")
    func shared() {
        let team = ThreadTeam()
        let threads = Mutex(Set<UInt>())
        _ = team.perform(50, threads: 2) { _ in
            usleep(1000)
            threads.withLock { _ = $0.insert(UInt(pthread_self())) }
        }
        #expect(threads.withLock { $0.count } == 2)
    }

    @Test("a helper that sleeps in its chunk is waited for")
    func slowHelper() {
        let team = ThreadTeam()
        let caller = UInt(pthread_self())
        let ended = Atomic(0)
        for _ in 0..<5 {
            _ = team.perform(2, threads: 2) { _ in
                // The caller's chunk lasts until the helper, if it has come, is in its own, which takes longer.
                usleep(UInt(pthread_self()) == caller ? 1000 : 20_000)
                ended.add(1, ordering: .relaxed)
            }
            #expect(ended.exchange(0, ordering: .relaxed) == 2)
        }
    }

    @Test("who comes while it works is refused, with nothing done")
    func taken() {
        let team = ThreadTeam()
        let refused = Atomic(0)
        #expect(
            team.perform(4, threads: 2) { _ in
                let isTaken = !team.perform(1, threads: 2) { _ in Issue.record("it worked for two") }
                if isTaken { refused.add(1, ordering: .relaxed) }
            })
        #expect(refused.load(ordering: .relaxed) == 4)
        #expect(team.perform(1, threads: 2) { _ in })
    }

    @Test("callers on several threads each get all of their own chunks")
    func callers() {
        let team = ThreadTeam()
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<200 {
                let counts = Counts(7)
                if team.perform(7, threads: 3, { counts.add($0) }) {
                    #expect(counts.all == Array(repeating: 1, count: 7))
                } else {
                    #expect(counts.all == Array(repeating: 0, count: 7))
                }
            }
        }
    }
}

/// How often each chunk was done.
private final class Counts: Sendable {
    private let counts: Mutex<[Int]>

    init(_ chunks: Int) { counts = Mutex(Array(repeating: 0, count: chunks)) }

    func add(_ chunk: Int) { counts.withLock { $0[chunk] += 1 } }

    var all: [Int] { counts.withLock { $0 } }
}
