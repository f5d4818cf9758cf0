// The memory of runs, lent to one after the other: a run that finds the arena of an earlier one need not have its pages
// cleared again, which would take a small model a sixth of its time.
import Synchronization

/// Arenas that no run uses at the moment.
package final class ArenaPool: Sendable {
    private let idle = Mutex<[Arena]>([])

    private let keeps: Bool

    /// Arenas kept, and bytes that one of them may hold.
    private static let (mostArenas, mostBytes) = (4, 256 << 20)

    /// - Parameter keeps: whether arenas are kept; with a large model, memory is better given back.
    package init(keeps: Bool) { self.keeps = keeps }

    fileprivate func take() -> Arena { idle.withLock { $0.popLast() } ?? Arena() }

    fileprivate func giveBack(_ arena: Arena) {
        guard keeps, arena.highWater <= Self.mostBytes else { return }
        idle.withLock { arenas in
            if arenas.count < Self.mostArenas { arenas.append(arena) }
        }
    }
}

/// The memory of one run, which its passes share. Tensors may outlive it.
package final class RunMemory: Sendable {
    package let arena: Arena
    private let pool: ArenaPool?

    /// Memory that earlier runs may have used.
    package init(from pool: ArenaPool) { (self.pool, arena) = (pool, pool.take()) }

    /// Memory in this arena.
    package init(_ arena: Arena = Arena()) { (self.arena, pool) = (arena, nil) }

    deinit { pool?.giveBack(arena) }
}
