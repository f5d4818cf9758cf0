// Where the time of passes goes: every op says when it begins and ends and of what kind it is, and so does its adjoint. An
// op that calls another is charged without it, so the kinds add up to the time spent in ops.
import Synchronization

/// What an op does, as far as its speed is concerned.
package enum OpKind: String, CaseIterable, Sendable {
    /// With a kernel larger than one pixel.
    case convolution
    /// Linear layers and 1×1 convolutions.
    case linear
    case attention
    case norm
    /// Activations, additions and other elementwise work.
    case elementwise
    /// Joining, enlarging and moving values.
    case copy
}

/// Seconds by kind, over passes that run one after the other.
package final class OpTimes: Sendable, Equatable {
    private struct State {
        var seconds: [OpKind: Double] = [:]
        /// Ops that have begun, the innermost last, with the seconds of ops inside them.
        var running: [(kind: OpKind, begun: ContinuousClock.Instant, inside: Double)] = []
    }

    private let state = Mutex(State())

    package init() {}

    package static func == (a: OpTimes, b: OpTimes) -> Bool { a === b }

    /// The kind of the innermost op that runs now.
    package var current: OpKind? { state.withLock { $0.running.last?.kind } }

    package func begin(_ kind: OpKind) {
        state.withLock { $0.running.append((kind, .now, 0)) }
    }

    package func end() {
        state.withLock { state in
            guard let op = state.running.popLast() else { preconditionFailure("an op ended that had not begun") }
            let elapsed = (ContinuousClock.now - op.begun) / .seconds(1)
            state.seconds[op.kind, default: 0] += elapsed - op.inside
            if let outer = state.running.indices.last { state.running[outer].inside += elapsed }
        }
    }

    /// What has been gathered, which begins anew.
    package func take() -> [OpKind: Double] {
        state.withLock { state in
            defer { state.seconds = [:] }
            return state.seconds
        }
    }
}
