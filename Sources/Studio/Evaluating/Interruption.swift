// Control-C as an error at the next step, so that a long run ends between two of them and says how to go on.
import Dispatch
import Glibc
import Synchronization

/// Someone asked the run to end.
struct Interrupted: Error {}

/// Catches SIGINT while it lives; a second one ends the process at once.
final class Interruption: Sendable {
    private let isAsked = Atomic(false)

    init() {
        signal(SIGINT, SIG_IGN)
    }

    /// Watches until the process ends.
    func watch() -> any DispatchSourceSignal {
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { [self] in
            if isAsked.exchange(true, ordering: .relaxed) { _exit(130) }
        }
        source.resume()
        return source
    }

    func check() throws(Interrupted) {
        if isAsked.load(ordering: .relaxed) { throw Interrupted() }
    }
}
